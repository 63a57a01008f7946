/** `lasm explain` and `lasm diff` as commands: what they print, write and refuse. */
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { addDiff } from '../../src/cli/diff.ts';
import { addExplain } from '../../src/cli/explain.ts';
import { Failure } from '../../src/cli/failure.ts';
import { withIo } from '../../src/cli/output.ts';
import type { ReportDiff } from '../../src/explain/diff.ts';
import type { Explanation } from '../../src/explain/explain.ts';
import { Workspace } from '../support/cli.ts';
import { assembleFixture, recordRun } from '../support/run.ts';

const files = new Workspace();
afterAll(() => {
  files.remove();
});

/** Runs a command as `lasm` does. */
function lasm(argv: readonly string[], isTTY = false) {
  let [out, err] = ['', ''];
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { isTTY, write: (text: string) => (err += text) },
    env: {},
  };
  const program = new Command('lasm');
  addExplain(program);
  addDiff(program);
  let failed = 0;
  const code = withIo(io, () => {
    try {
      program.parse(argv, { from: 'user' });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failed = error.exitCode;
      err += `lasm: ${error.message}\n`;
    }
  });
  return { code: failed || code, out, err };
}

const WAR = 'programs/hazards/war.lasm';
const RAW = 'programs/hazards/raw.lasm';

describe('lasm explain', () => {
  it('tells what each wait costs, the bounds, the path and what would help', () => {
    const { code, out, err } = lasm(['explain', WAR, '--machine', 'multicycle', '--top', '1']);
    expect([code, err]).toEqual([0, '']);
    expect(out)
      .toBe(`war.lasm on multicycle (a pipeline for each unit: in-order issue, out-of-order completion)
  80 cycles, 5 instructions

What each wait costs, by running without it
  - line 18 LOAD t0 waited 47 cycles to overwrite t0: line 17 MATMUL t2 started at cycle 17 and was
    still reading t0; in 1 of these cycles structural.port held too. Alone it would save 13.
  - not measured: 1 other pair

If only one thing limited you
  - If only waiting for results limited you, the run would take at least 66 cycles (82.5 % of 80).
  - If only alu limited you, the run would take at least 5 cycles (6.3 % of 80).
  - If only mxu limited you, the run would take at least 52 cycles (65.0 % of 80).
  - If only dma limited you, the run would take at least 19 cycles (23.8 % of 80).
  - If only issuing 1 instruction in a cycle limited you, the run would take at least 9 cycles (11.3
    % of 80).

The critical path
  at cycle   cycles   times   because   instruction
         2        2       1   fill      line 15 LOAD t0, [X], rows=2, cols=2, stride=8
         3        1       1   next      line 16 LOAD t1, [W], rows=2, cols=2, stride=8
        17       14       1   raw t1    line 17 MATMUL t2, t0, t1
        65       48       1   war t0    line 18 LOAD t0, [Z], rows=2, cols=2, stride=8
        65       15           drain
                 80           total

What would help, by running on a changed machine
  with                        cycles   change       %
  the machine as it is            80        0     0.0
  half the DRAM latency           68      −12   −15.0
  double the bandwidth            80        0     0.0
  one more mxu                    80        0     0.0
  one more vec                    80        0     0.0
  renamed registers               70      −10   −12.5
  a data cache                    84       +4    +5.0
  perfect branch prediction       80        0     0.0
`);
  });

  it('gives the same as JSON, on request in a file', () => {
    const { out } = lasm(['explain', WAR, '--machine', 'multicycle', '--json']);
    const told = JSON.parse(out) as Explanation;
    expect(told).toMatchObject({ schema: 'lasm-explain/1', cycles: 80, note: '' });
    expect(told.waits.map(({ saving }) => saving)).toEqual([13, 1]);
    const path = files.path('explained.json');
    const second = lasm(['explain', WAR, '--machine', 'multicycle', '--json', path]);
    expect(second.out).toMatch(/^war\.lasm on multicycle/);
    expect(files.read('explained.json')).toBe(out);
  });

  it('shows on a terminal how far it is, and wipes it', () => {
    const { err } = lasm(['explain', WAR, '--machine', 'multicycle'], true);
    expect(err).toMatch(/^\r\x1b\[Ksimulation 1 of 9 …\r\x1b\[Ksimulation 2 of 9 …/);
    expect(err.endsWith('\r\x1b[K')).toBe(true);
  });

  it('a run without an end is not explained', () => {
    const { code, out, err } = lasm(['explain', WAR, '--max-cycles', '9']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('the program is not done after 9 cycles');
  });
});

describe('lasm diff', () => {
  it('of one program on two machines', () => {
    const argv = ['diff', WAR, '--machine', 'classic5', '--machine', 'multicycle'];
    const { code, out, err } = lasm(argv);
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').slice(0, 2)).toEqual([
      'war.lasm on classic5 → war.lasm on multicycle',
      '  94 → 80 (−14): war +47, structural.mxu −47, raw −13, drain −1',
    ]);
  });

  it('of two programs on one machine', () => {
    const { code, out } = lasm(['diff', RAW, WAR, '--machine', 'multicycle']);
    expect(code).toBe(0);
    expect(out).toMatch(/^raw\.lasm on multicycle → war\.lasm on multicycle\n/);
    expect(out).toContain('note: the programs differ (');
  });

  it('of two reports gives what the runs give', () => {
    const paths = ['classic5', 'multicycle'].map((machine) => {
      const { report } = recordRun(assembleFixture(WAR), machine);
      return files.write(`${machine}.json`, JSON.stringify({ ...report, trap: null }));
    });
    const saved = lasm(['diff', ...paths, '--json']);
    const live = lasm(['diff', WAR, '-m', 'classic5', '-m', 'multicycle', '--json']);
    const [a, b] = [saved, live].map(({ out }) => JSON.parse(out) as ReportDiff);
    expect(a!.causes).toEqual(b!.causes);
    const text = lasm(['diff', ...paths, '--json', files.path('diff.json')]).out;
    expect(text).toContain('  94 → 80 (−14): war +47, structural.mxu −47');
    expect(files.read('diff.json')).toBe(saved.out);
  });

  it('refuses what cannot be compared', () => {
    const other = files.write('other.json', '{"schema": "lasm-machine/1"}');
    const cases: readonly (readonly [readonly string[], number, string])[] = [
      [[WAR], 2, `lasm: ${WAR} alone: name another file, or --machine twice\n`],
      [
        [WAR, RAW, '-m', 'classic5', '-m', 'cached'],
        2,
        'lasm: two files and two machines: compare either files or machines\n',
      ],
      [
        [WAR, '-m', 'classic5', '-m', 'cached', '-m', 'ideal'],
        2,
        'lasm: two machines can be compared, not more\n',
      ],
      [[other, WAR], 2, 'lasm: a report is compared with a report: name two .json files\n'],
      [[other], 2, 'lasm: a report is compared with a report: name two .json files\n'],
      [
        [other, other, '-m', 'ideal'],
        2,
        'lasm: --machine is for programs; a report has its machine\n',
      ],
      [[other, other], 1, `lasm: ${other}: is a lasm-machine/1, not a lasm-report/1\n`],
      [
        [files.path('none.json'), other],
        1,
        `lasm: ${files.path('none.json')}: there is no such file\n`,
      ],
    ];
    for (const [argv, code, err] of cases) {
      expect(lasm(['diff', ...argv])).toEqual({ code, out: '', err });
    }
  });

  it('fails when a run comes to no end', () => {
    const { code, out, err } = lasm(['diff', WAR, RAW, '--max-cycles', '9']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('did not come to its end on classic5-fwd; nothing to compare\n');
  });
});
