/** Scripts and what they print, word for word. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/debug/commands.ts';
import { MEANING } from '../../src/reports/sentences.ts';
import { NO_FILES, assembleFixture, assembleText } from '../support/run.ts';
import { answers, debuggerOf, script } from './support.ts';

const LOOP = `.tile 2
.data
X: .f32 2, 2 = [[1, 2], [3, 4]]
.names X, rows("a", "b"), cols("u", "v")
.bss
Y: .f32 2, 2
.text
  LI r1, 0
  LOAD t0, [X]
loop:
  ADD t1, t0, t0
  IADD r1, r1, 1
  BLT r1, 3, loop
  STORE [Y], t1
  HALT
`;

describe('a hazard program', () => {
  const raw = () => debuggerOf(assembleFixture('programs/hazards/raw.lasm'), 'classic5');

  it('shows who waits for what, in which stage, and what has not been written', () => {
    const text = answers(raw(), 'step 6', 'pipeline', 'print t0');
    expect(text).toBe(`> step 6
cycle 6 of 0–36: raw: #1 line 17 ADD t1 waits for t0 of #0 line 16 LOAD t0, 4 cycles now
> pipeline
the pipeline at the end of cycle 6; values are those before #0
  id   where     instruction                              stage   for   waits for
  #0   line 16   LOAD t0, [X], rows=2, cols=2, stride=8   MEM       4
  #1   line 17   ADD t1, t0, t0                           ID        5   raw: t0 of #0, 4 cycles; also memory.latency
  #2   line 18   STORE [Y], t1, stride=8                  IF        5   its turn; no slot is charged for it
> print t0
t0 has not been written; still to be written by #0 (MEM)`);
  });

  it('ends, and goes back to the beginning', () => {
    const { text, succeeded } = script(raw(), 'run', 'charges', 'to 0', 'back 5', 'quit', 'run');
    expect(succeeded).toBe(true);
    expect(text).toBe(`raw.lasm on classic5: 37 cycles, 4 instructions; help lists the commands
> run
cycle 36 of 0–36: drain: ${MEANING.drain}
the program has halted
> charges
the books of cycles 0 to 36
  cause   charged     share   what it means
  issue         4    10.8 %   ${MEANING.issue}
  fill          2     5.4 %   ${MEANING.fill}
  raw          17    45.9 %   ${MEANING.raw}
  drain        14    37.8 %   ${MEANING.drain}
  total        37   100.0 %
> to 0
cycle 0 of 0–36: fill: ${MEANING.fill}
> back 5
cycle 0 of 0–36: fill: ${MEANING.fill}
> quit`);
  });
});

describe('the page about debugging', () => {
  it('shows what the commands print', () => {
    const page = readFileSync(new URL('../../docs/debugging.md', import.meta.url), 'utf8');
    const [, shown] = /```\n\$ lasm debug .*raw\.lasm .*\n([^]*?)```/.exec(page)!;
    const lines = [...shown!.matchAll(/^\(lasm\) (.*)$/gm)].map(([, line]) => line!);
    const debug = debuggerOf(assembleFixture('programs/hazards/raw.lasm'), 'classic5');
    expect(lines.length).toBeGreaterThan(1);
    expect(`${script(debug, ...lines).text}\n`).toBe(shown!.replaceAll('(lasm) ', '> '));
    for (const { name } of COMMANDS) expect(page).toContain(`\`${name}`);
  });
});

describe('included files', () => {
  it('are named with their lines', () => {
    const host = { ...NO_FILES, readText: () => 'LI r2, 2\nIADD r2, r2, 1\n' };
    const program = assembleText('LI r1, 1\n.include "sub.inc"\nIADD r1, r1, r2\nHALT\n', host);
    const text = answers(debuggerOf(program, 'classic5'), 'until sub.inc:2', 'where', 'until 3');
    expect(text).toBe(`> until sub.inc:2
until, line sub.inc:2: #2 sub.inc:2 IADD r2 issues
cycle 6 of 0–12: #2 sub.inc:2 IADD r2 issues
> where
#3 test.lasm:3 IADD r1 is to issue next
   1  LI r1, 1
   2  .include "sub.inc"
>  3  IADD r1, r1, r2
   4  HALT
> until 3
until, line 3: #3 test.lasm:3 IADD r1 issues
cycle 9 of 0–12: #3 test.lasm:3 IADD r1 issues`);
  });
});

describe('a loop', () => {
  it('out of order: waits of several rounds at once, on a line each', () => {
    expect(answers(debuggerOf(LOOP, 'tomasulo4'), 'to 16', 'print r1', 'print t0')).toBe(`> to 16
cycle 16 of 0–36:
  #12 line 15 HALT issues
  raw: #2 line 11 ADD t1 waits for t0 of #1 line 9 LOAD t0, 14 cycles now
  raw: #5 line 11 ADD t1 waits for t0 of #1 line 9 LOAD t0, 8 cycles now
  raw: #8 line 11 ADD t1 waits for t0 of #1 line 9 LOAD t0, 7 cycles now
> print r1
r1 = 0; still to be written by #3 (WB), #6 (WB), #9 (WB)
> print t0
t0 has not been written; still to be written by #1 (MEM)`);
  });

  it('stops at lines, registers and elements, each in its cycle', () => {
    const debug = debuggerOf(LOOP, 'classic5-fwd');
    const lines = ['break 12', 'break r1', 'break Y[1, 0]', 'breaks', 'run', 'run', 'run'];
    expect(answers(debug, ...lines, 'delete 1', 'delete 2', 'run', 'print Y[1]')).toBe(`> break 12
breakpoint 1: line 12
> break r1
breakpoint 2: r1
> break Y[1, 0]
breakpoint 3: Y[1,0]
> breaks
breakpoint 1: line 12
breakpoint 2: r1
breakpoint 3: Y[1,0]
> run
breakpoint 2, r1: #0 line 8 LI r1 writes r1
cycle 4 of 0–48: raw: #2 line 11 ADD t1 waits for t0 of #1 line 9 LOAD t0, 1 cycle now
> run
breakpoint 1, line 12: #3 line 12 IADD r1 issues
cycle 19 of 0–48: #3 line 12 IADD r1 issues
> run
breakpoint 2, r1: #3 line 12 IADD r1 writes r1
cycle 21 of 0–48: control: #5 line 11 ADD t1 waits for #4 line 13 BLT r1, 1 cycle now
> delete 1
removed breakpoint 1: line 12
> delete 2
removed breakpoint 2: r1
> run
breakpoint 3, Y[1,0]: #11 line 14 STORE [Y] writes Y[1,0]
cycle 47 of 0–48: drain: ${MEANING.drain}
> print Y[1]
Y[1] = 1×2
  6.000  8.000`);
  });

  it('scoreboard: pending registers, and units until their results are written', () => {
    expect(answers(debuggerOf(LOOP, 'scoreboard'), 'to 20', 'scoreboard')).toBe(`> to 20
cycle 20 of 0–53: waw: #5 line 11 ADD t1 waits for t1 of #2 line 11 ADD t1, 1 cycle now
> scoreboard
pending at the end of cycle 20
  register   to be written by   to be read by
  t0                            #5 (ID)
  t1         #2 (EX), #5 (ID)
  r1         #6 (IF)            #6 (IF)

  unit   closed   by
  alu    0 of 1
  mxu    0 of 1
  vec    1 of 2   #2 until its WB
  sfu    0 of 1
  dma    0 of 1`);
  });

  it('print and heat', () => {
    const debug = debuggerOf(LOOP, 'classic5');
    const lines = ['print X', 'heat X', 'heat Y', 'print X[1]', 'print X[1,1]', 'print 4096 1x3'];
    expect(answers(debug, ...lines)).toBe(`> print X
X = 2×2
         u      v
  a  1.000  2.000
  b  3.000  4.000
> heat X
X = 2×2
  min 1.000 ' .:-=+*#%@' max 4.000
  a| -|
  b|*@|
> heat Y
Y = 2×2
  no value is finite; ? is nan or infinite
  |??|
  |??|
> print X[1]
X[1] = 1×2
      u      v
  3.000  4.000
> print X[1,1]
X[1,1] = 1×1
  4.000
> print 4096 1x3
4096 = 1×3
  1.000  2.000  3.000`);
  });

  it('list goes on where it ended; until stops at a line', () => {
    const debug = debuggerOf(LOOP, 'classic5');
    expect(answers(debug, 'list 3', 'list', 'until 14', 'break 14', 'list 14')).toBe(`> list 3
   1  .tile 2
   2  .data
   3  X: .f32 2, 2 = [[1, 2], [3, 4]]
   4  .names X, rows("a", "b"), cols("u", "v")
   5  .bss
   6  Y: .f32 2, 2
   7  .text
>  8    LI r1, 0
   9    LOAD t0, [X]
> list
   10  loop:
   11    ADD t1, t0, t0
   12    IADD r1, r1, 1
   13    BLT r1, 3, loop
   14    STORE [Y], t1
   15    HALT
> until 14
until, line 14: #11 line 14 STORE [Y] issues
cycle 42 of 0–57: #11 line 14 STORE [Y] issues
> break 14
breakpoint 1: line 14
> list 14
   10  loop:
   11    ADD t1, t0, t0
   12    IADD r1, r1, 1
   13    BLT r1, 3, loop
 * 14    STORE [Y], t1
>  15    HALT`);
  });
});

describe('mistakes', () => {
  it.each([
    ['delet', 'there is no command delet; did you mean delete?'],
    ['frobnicate', 'there is no command frobnicate; help lists them'],
    ['step x', 'x is not a number; write a whole number'],
    ['step 0', '0 goes nowhere; write a number from 1 up'],
    ['step 1 2', 'too many arguments; the command is: step [N]'],
    ['to', 'name a cycle'],
    ['to -1', '-1 is not a cycle; write a whole number'],
    ['until r1', 'r1 is no line; write LINE or FILE:LINE'],
    ['break', 'name a line, a register or a symbol'],
    ['break 10', 'line 10 holds no instruction; the next one is in line 11'],
    ['break 99', 'line 99 holds no instruction; nor does any line behind it'],
    ['break t32', 'there is no register t32; the last is 31'],
    ['break X[2,0]', 'X is 2×2; index 2 is outside'],
    ['break X[0,0,0]', 'X has 2 dimensions, not 3'],
    ['break X[a]', 'a is no index; write SYMBOL[I,J]'],
    ['break sub.inc:3', 'the program has no file sub.inc; it has test.lasm'],
    ['delete 4', 'there is no breakpoint 4; breaks lists them'],
    ['print Z', 'the program has no data symbol Z; known: X, Y'],
    ['print 4096', 'an address needs a shape; such as: print 4096 4x4'],
    ['print 4096 4', '4 is no shape; write ROWSxCOLS'],
    ['print 4098 1x1', '4098 is not a multiple of 4'],
    ['print 0 1x1', 'bytes 0 to 3 are outside memory (4096 to 4175)'],
    ['heat r1', 'r1 holds one number; print r1 shows it'],
    ['list 99', 'test.lasm has 15 lines'],
  ])('%s', (line, message) => {
    const { text, succeeded } = script(debuggerOf(LOOP, 'classic5'), line, 'breaks');
    expect(text.slice(text.indexOf('> '))).toBe(
      `> ${line}\n${message}\n> breaks\nthere are no breakpoints`,
    );
    expect(succeeded).toBe(false);
  });
});

describe('programs that do not end well', () => {
  it('a trap ends the recording, and what was before it can be looked at', () => {
    const jump = '.data\nN: .i32 1 = [77]\n.text\nILOAD r1, [N]\nJR r1\nHALT\n';
    const { text } = script(debuggerOf(jump, 'classic5'), 'run', 'print r1');
    const why = 'jump to 77, but the code has addresses 0 to 2';
    expect(text).toContain(`\nthe recording ends before the program does: ${why}\n> run\n`);
    expect(text).toContain(`\nthe recording ends: ${why}\n> print r1\nr1 = 77`);
  });

  it('so does a limit', () => {
    const endless = 'LI r1, 0\nagain: IADD r1, r1, 1\nJAL r0, again\nHALT\n';
    const debug = debuggerOf(endless, 'classic5', { maxCycles: 50 });
    expect(script(debug, 'run').text).toMatch(/the program is not done after 50 cycles$/);
    expect(debug.cycle).toBe(49);
    const counted = debuggerOf(endless, 'classic5', { maxInstructions: 9 });
    expect(script(counted, 'run').text).toMatch(/more than 9 instructions$/);
  });

  it('a program that executes nothing has nothing to show, whatever is asked', () => {
    const debug = debuggerOf('HALT\n', 'classic5', { maxInstructions: 0 });
    const lines = ['step', 'pipeline', 'scoreboard', 'charges', 'where', 'print t0', 'back'];
    const { text, succeeded } = script(debug, ...lines);
    expect(succeeded).toBe(true);
    expect(text).toContain(
      'no instruction was executed\nthe recording ends: more than 0 instructions',
    );
  });
});
