/** The file form of Chrome trace JSON: strict JSON, written event by event. */
import type { RunHeader } from '../timing/events.ts';
import type { Sink } from './sink.ts';

/** All tracks are of one process. */
const PID = 1;

/** Arguments of an event, shown when it is selected; absent ones are left out. */
export type Arguments = Readonly<Record<string, string | number | undefined>>;

/** Times are whole microseconds of the format, 1 µs for 1 cycle. */
export class TraceJson {
  readonly #sink: Sink;
  readonly #named = new Set<number>();

  constructor({ program, machine, machineHash, engine }: RunHeader, sink: Sink) {
    this.#sink = sink;
    const otherData = {
      time: '1 µs is 1 cycle',
      program: program.name,
      programHash: program.hash,
      machine: machine.name,
      machineHash,
      engine,
    };
    const name = `${program.name} on ${machine.name} (1 µs = 1 cycle)`;
    const process = { ph: 'M', pid: PID, tid: 0, name: 'process_name', args: { name } };
    sink.write(`{"displayTimeUnit":"ns","otherData":${JSON.stringify(otherData)},`);
    sink.write(`"traceEvents":[\n${JSON.stringify(process)}`);
  }

  /** Names a track, once. */
  thread(tid: number, name: string): void {
    if (this.#named.has(tid)) return;
    this.#named.add(tid);
    this.#event(`"M","pid":${PID},"tid":${tid},"name":"thread_name","args":${text({ name })}`);
  }

  slice(tid: number, ts: number, dur: number, cat: string, name: string, args: Arguments): void {
    const when = `"pid":${PID},"tid":${tid},"ts":${ts},"dur":${dur}`;
    this.#event(`"X",${when},"cat":"${cat}","name":${text(name)},"args":${text(args)}`);
  }

  counter(ts: number, name: string, unit: string, value: number): void {
    this.#event(`"C","pid":${PID},"ts":${ts},"name":"${name}","args":{"${unit}":${value}}`);
  }

  /** The beginning or end of what has a track of its own. */
  async(phase: 'b' | 'e', id: number, ts: number, name: string, args: Arguments): void {
    const what = `"cat":"instruction","id":"0x${id.toString(16)}","name":${text(name)}`;
    this.#event(`"${phase}","pid":${PID},"tid":${PID},"ts":${ts},${what},"args":${text(args)}`);
  }

  /** An arrow between two slices that have been written. */
  arrow(id: number, name: string, from: TrackTime, to: TrackTime): void {
    const what = `"cat":"raw","id":${id},"name":"${name}"`;
    this.#event(`"s","pid":${PID},"tid":${from.tid},"ts":${from.ts},${what}`);
    this.#event(`"f","bp":"e","pid":${PID},"tid":${to.tid},"ts":${to.ts},${what}`);
  }

  finish(): void {
    this.#sink.write('\n]}\n');
  }

  #event(rest: string): void {
    this.#sink.write(`,\n{"ph":${rest}}`);
  }
}

export interface TrackTime {
  readonly tid: number;
  readonly ts: number;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
