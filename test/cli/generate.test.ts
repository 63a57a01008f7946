/** `lasm generate`: text and report, text alone, JSON, beams, and what it refuses. */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { Workspace, lasm } from '../support/cli.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const ADDER = `${ROOT}programs/models/adder-gpt2`;
const VERSE = `${ROOT}programs/models/verse-llama`;

const files = new Workspace();

afterAll(() => {
  files.remove();
});

const generate = (...argv: readonly string[]) => lasm(['generate', ...argv]);

interface Use {
  readonly cycles: number;
  readonly rowCycles: readonly number[];
}

interface Written {
  readonly schema: string;
  readonly text: string | null;
  readonly tokens: readonly number[];
  readonly stop: string;
  readonly run: { readonly cycles: number };
  readonly prefill: Use;
  readonly decode: Use;
  readonly layers: readonly {
    readonly name: string;
    readonly prefill: Use;
    readonly decode: Use;
  }[];
  readonly passes: readonly (Use & { readonly context: number; readonly token: number | null })[];
}

describe('lasm generate', () => {
  it('prints the text, then where its cycles went', () => {
    const { code, out, err } = generate(ADDER, '--prompt', '79+32=');
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').slice(0, 2)).toEqual(['111', '']);
    expect(out).toContain('adder-gpt2 on classic5-fwd');
    expect(out).toMatch(/tokens +6 in the prompt, 3 new: the model ended the text/);
    for (const title of ['Prefill and decode', 'By layer', 'As the context grows']) {
      expect(out).toContain(`\n${title}`);
    }
    for (const row of ['embed', 'layer 0', 'layer 1', 'final norm', 'logits', 'choice', 'total']) {
      expect(out).toMatch(new RegExp(`^ {2}${row} `, 'm'));
    }
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('--no-report prints the text and nothing else', () => {
    const argv = [ADDER, '--prompt', '98+49=', '--no-report'];
    expect(generate(...argv)).toEqual({ code: 0, out: '147\n', err: '' });
    expect(generate(...argv, '-O0', '-m', 'tomasulo', '--engine', 'tick').out).toBe('147\n');
  });

  it('takes the prompt as tokens, or from standard input', () => {
    expect(generate(ADDER, '--tokens', '1,10,2,11', '--no-report').out).toBe('3\n');
    const { stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'src/cli/main.ts', 'generate', ADDER, '--prompt', '-', '--no-report'],
      { cwd: ROOT, encoding: 'utf8', input: '20+14=\n' },
    );
    expect(stdout).toBe('34\n');
  });

  it('prints the text piece by piece', () => {
    const pieces: string[] = [];
    generateTo(pieces, VERSE, '--prompt', 'ROMEO:', '--max-new-tokens', '4', '--no-report');
    expect(pieces.length).toBeGreaterThanOrEqual(4);
  });

  it('prints the numbers of tokens where there is no tokenizer', () => {
    const path = files.path('mute');
    cpSync(ADDER, path, { recursive: true });
    rmSync(`${path}/tokenizer.json`);
    expect(generate(path, '--tokens', '1,10,1,5,11', '--no-report').out).toBe('1 6\n');
    const { code, err } = generate(path, '--prompt', '1+1=');
    expect([code, err]).toEqual([1, 'lasm: mute: there is no tokenizer.json to read a text with\n  hint: give the prompt as token numbers: --tokens 3,7,10\n']); // prettier-ignore
  });

  it('draws as the model asks, or as it is told', () => {
    const draw = (...argv: readonly string[]) =>
      generate(VERSE, '--prompt', 'O', '--max-new-tokens', '6', '--no-report', ...argv).out;
    expect(draw('--sample', '--seed', '1')).toBe(draw('--temperature', '0.8', '--top-k', '40', '--seed', '1')); // prettier-ignore
    expect(draw('--temperature', '3', '--seed', '1')).not.toBe(draw('--temperature', '3', '--seed', '2')); // prettier-ignore
    expect(draw('--temperature', '0')).toBe(draw());
  });
});

function generateTo(pieces: string[], ...argv: readonly string[]): void {
  const stdout = { write: (text: string) => pieces.push(text) };
  runCli(['generate', ...argv], { stdout, stderr: stdout, env: {} });
}

describe('lasm generate --json', () => {
  const { code, out, err } = generate(ADDER, '--prompt', '83+67=', '--json');
  const said = JSON.parse(out) as Written;
  const { run, prefill, decode, layers, passes, tokens } = said;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

  it('is data and nothing else', () => {
    expect([code, err]).toEqual([0, '']);
    expect(said).toMatchObject({ schema: 'lasm-generate/1', text: '150', stop: 'end' });
    expect(tokens).toEqual([1, 5, 0]);
  });

  it('has each token and each layer, and they sum to the run', () => {
    expect(passes.map(({ token }) => token)).toEqual([1, 5, 0, null]);
    expect(passes.map(({ context }) => context)).toEqual([6, 7, 8, 9]);
    expect(sum(passes.map(({ cycles }) => cycles))).toBe(run.cycles);
    expect(prefill.cycles + decode.cycles).toBe(run.cycles);
    for (const { cycles, rowCycles } of passes) expect(sum(rowCycles)).toBe(cycles);
    expect(sum(layers.map((layer) => layer.prefill.cycles + layer.decode.cycles))).toBe(run.cycles);
  });

  it('goes to a file beside the text, which it does not put in place of another', () => {
    const path = files.path('out.json');
    const argv = [ADDER, '--prompt', '83+67=', '--json', path, '--no-report'];
    expect(generate(...argv)).toEqual({ code: 0, out: '150\n', err: '' });
    expect(files.read('out.json')).toBe(out);
    const other = files.write('notes.txt', 'mine');
    expect(generate(ADDER, '--prompt', '1+1=', '--json', other).code).toBe(1);
    expect(files.read('notes.txt')).toBe('mine');
  });
});

describe('lasm generate --num-beams', () => {
  it('prints candidates, best first, and how much work they were', () => {
    const { code, out } = generate(ADDER, '--prompt', '7+8=', '--num-beams', '2');
    expect(code).toBe(0);
    expect(out).toMatch(/^1\. +-0\.\d{4} +-0\.\d{4} +3 +"15"$/m);
    expect(out).toMatch(/^2\. /m);
    expect(out).toMatch(/\d runs of one program, [\d,]+ cycles and/);
  });

  it('gives them as data', () => {
    const { out } = generate(ADDER, '--prompt', '7+8=', '--num-beams', '2', '--json');
    const { schema, text, candidates } = JSON.parse(out) as Written & {
      candidates: readonly { text: string; score: number; ended: boolean }[];
    };
    expect([schema, text]).toEqual(['lasm-generate/1', '15']);
    expect(candidates.map((one) => [one.text, one.ended])).toEqual([['15', true], [candidates[1]!.text, true]]); // prettier-ignore
    expect(candidates[0]!.score).toBeGreaterThan(candidates[1]!.score);
  });
});

describe('lasm generate refuses', () => {
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [[ADDER], 2, 'what is the prompt?'],
    [[ADDER, '--prompt', '1', '--tokens', '1'], 2, 'give one of them'],
    [[ADDER, '--prompt', '1+1=', '--top-p', '0.5'], 2, '--top-p is about draws'],
    [[ADDER, '--prompt', '1+1=', '--top-p', '1.5'], 2, 'at most 1'],
    [[ADDER, '--prompt', '1+1=', '--temperature', '-1'], 2, 'a number from 0 up'],
    [[ADDER, '--prompt', '1+1=', '--sample', '--num-beams', '2'], 2, 'does not draw'],
    [[ADDER, '--prompt', '1+1=', '-O3'], 2, 'Allowed choices are 0, 1, 2'],
    [[ADDER, '--prompt', '1+1=', '-m', 'classic'], 2, 'did you mean'],
    [[ADDER, '--prompt', '12345+123456='], 1, '13 tokens, but adder-gpt2 has room for 12'],
    [[ADDER, '--prompt', ''], 1, 'the prompt has no tokens'],
    [[`${ROOT}programs/models/bert-random`, '--tokens', '3'], 1, 'does not write text'],
    [[files.path('nothing'), '--tokens', '3'], 1, 'there is no such file or folder'],
  ];

  it.each(cases)('%j', (argv, exitCode, message) => {
    const { code, out, err } = generate(...argv);
    expect([code, out]).toEqual([exitCode, '']);
    expect(err).toContain(message);
  });

  it('and says what cut a run off, behind what there is to say of it', () => {
    const { code, out, err } = generate(ADDER, '--prompt', '1+1=', '--max-cycles', '30000');
    expect(code).toBe(1);
    expect(out).toContain('0 new: the run was cut off');
    expect(err).toContain('error[cycle-limit]');
    const beams = generate(ADDER, '--prompt', '1+1=', '--num-beams', '2', '--max-cycles', '300');
    expect([beams.code, beams.out]).toEqual([1, '']);
    expect(beams.err).toContain('a run did not come to its end');
  });
});
