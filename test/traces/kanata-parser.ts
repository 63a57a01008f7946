/** Reads Kanata 0004 for tests, and insists on every rule of the format. */
import assert from 'node:assert/strict';

export interface KanataStage {
  readonly name: string;
  readonly start: number;
  end: number;
}

export interface KanataOp {
  readonly labels: [string, string];
  readonly lanes: [KanataStage[], KanataStage[]];
  readonly producers: { readonly producer: number; readonly cycle: number }[];
  /** −1 until it retires. */
  retireCycle: number;
  flushed: boolean;
}

type Fields = readonly string[];

/** The instructions of a log, by id; fails the test where the log breaks a rule. */
export function parseKanata(text: string): KanataOp[] {
  assert(text.endsWith('\n'));
  const [first, ...lines] = text.slice(0, -1).split('\n');
  assert.equal(first, 'Kanata\t0004');
  const parser = new Parser();
  for (const line of lines) parser.line(line.split('\t'));
  return parser.finish();
}

class Parser {
  readonly #ops: KanataOp[] = [];
  #time = -1;
  #retired = 0;

  line(fields: Fields): void {
    const [command, ...rest] = fields;
    const numbers = rest.map(Number);
    const [id, second, third] = numbers as [number, number, number];
    switch (command) {
      case 'C=':
        assert(this.#time === -1 && rest.length === 1);
        this.#time = id;
        return;
      case 'C':
        assert(Number.isInteger(id) && id > 0 && rest.length === 1);
        this.#time += id;
        return;
      case 'I':
        assert.equal(rest.join(' '), `${this.#ops.length} ${id} 0`);
        this.#ops.push(newOp());
        return;
      case 'L':
        assert.equal(rest.length, 3);
        if (second < 2) this.#alive(id).labels[second as 0 | 1] += rest[2]!;
        else assert.equal(this.#alive(id).lanes[1].at(-1)!.start, this.#time);
        return;
      case 'S':
        assert.equal(rest.length, 3);
        this.#begin(id, second, rest[2]!);
        return;
      case 'E':
        assert.equal(rest.length, 3);
        this.#end(id, second, rest[2]!);
        return;
      case 'R':
        assert(second === this.#retired++ && rest.length === 3);
        this.#retire(this.#alive(id), third);
        return;
      case 'W':
        assert.equal(third, 0);
        this.#depend(id, second);
        return;
    }
    assert.fail(`unknown command ${command}`);
  }

  finish(): KanataOp[] {
    for (const op of this.#ops) assert(op.retireCycle > -1);
    return this.#ops;
  }

  #alive(id: number): KanataOp {
    const op = this.#ops[id];
    assert(op?.retireCycle === -1);
    return op;
  }

  #begin(id: number, lane: number, name: string): void {
    const stages = this.#alive(id).lanes[lane as 0 | 1];
    const open = stages.at(-1);
    if (open?.end === Infinity) this.#close(open);
    stages.push({ name, start: this.#time, end: Infinity });
  }

  #end(id: number, lane: number, name: string): void {
    const open = this.#alive(id).lanes[lane as 0 | 1].at(-1)!;
    assert(open.name === name && open.end === Infinity);
    this.#close(open);
  }

  #close(stage: KanataStage): void {
    stage.end = this.#time;
    assert(stage.end > stage.start);
  }

  #retire(op: KanataOp, type: number): void {
    assert(type === 0 || type === 1);
    op.flushed = type === 1;
    op.retireCycle = this.#time;
    const [stages, waits] = op.lanes;
    assert.equal(stages.at(-1)!.end, Infinity);
    // Cut off in the cycle in which it began, it is not drawn.
    stages.at(-1)!.end = this.#time;
    assert(waits.every(({ end }) => end <= this.#time));
  }

  #depend(consumer: number, producer: number): void {
    const op = this.#alive(consumer);
    const stage = op.lanes[0].at(-1)!;
    assert(stage.name.includes('X') && stage.start === this.#time);
    assert(producer < consumer);
    op.producers.push({ producer, cycle: this.#time });
  }
}

function newOp(): KanataOp {
  return { labels: ['', ''], lanes: [[], []], producers: [], retireCycle: -1, flushed: false };
}
