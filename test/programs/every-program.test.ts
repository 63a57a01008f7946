/** What is true of every program in programs/: its values, its books, its expectations, its README. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/asm/assemble.ts';
import { formatSource } from '../../src/asm/format.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import type { Program } from '../../src/program/program.ts';
import { runProgram } from '../../src/run/run.ts';
import { machineNamed } from '../support/run.ts';
import { programNamed } from './support.ts';

const FOLDER = new URL('../../programs/', import.meta.url).pathname;
const MACHINES = ['classic5', 'classic5-fwd', 'multicycle'].map(machineNamed);

const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.lasm'))
  .map((file) => file.slice(0, -'.lasm'.length));

/** Other sizes than a program's own: single rows, ragged tiles, several blocks. */
const SIZES: Readonly<Record<string, readonly Record<string, number>[]>> = {
  'matmul-tiled': [
    { M: 1, K: 17, N: 33 },
    { M: 16, K: 16, N: 16 },
  ],
  'attention-head': [
    { SEQ: 1, D: 1 },
    { SEQ: 16, D: 16, CAUSAL: -1 },
  ],
  'multi-head-attention': [{ SEQ: 1 }, { SEQ: 16, HEADS: 2, HEAD_DIM: 16 }],
  'online-softmax': [{ KEYS: 1 }, { KEYS: 16 }, { QUERIES: 16, KEYS: 65, D: 16 }],
  'lstm-step': [
    { BATCH: 1, INPUT: 1, HIDDEN: 1 },
    { BATCH: 16, INPUT: 16, HIDDEN: 16 },
  ],
  'lstm-loop': [{ STEPS: 1 }, { STEPS: 3, INPUT: 16, HIDDEN: 16 }],
  'generate-toy': [{ FIRST: 4 }],
  'transformer-layer': [{ SEQ: 1 }, { SEQ: 16, HEADS: 3, HEAD_DIM: 16 }],
};

/** Paths in programs/, those of programs/hazards/ included. */
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.lasm'))
  .toSorted();

function runEverywhere(program: Program) {
  return MACHINES.map((machine) => runProgram(program, machine));
}

describe('the folder programs/', () => {
  it('has programs', () => {
    expect(names.length).toBeGreaterThanOrEqual(11);
  });
});

describe('the layout', () => {
  it('is looked at in both folders', () => {
    expect(files).toContain('hello.lasm');
    expect(files).toContain('hazards/raw.lasm');
  });

  it.each(files)('is the canonical one in %s', (file) => {
    const text = readFileSync(FOLDER + file, 'utf8');
    expect(formatSource(text)).toBe(text);
  });
});

describe.each(names)('%s', (name) => {
  const program = programNamed(name);
  const runs = runEverywhere(program);

  it('assembles without a warning', () => {
    const file = `${name}.lasm`;
    const text = readFileSync(FOLDER + file, 'utf8');
    expect(assemble(file, text, openFolder(FOLDER)).diagnostics).toEqual([]);
  });

  it('meets its own expectations on every machine', () => {
    for (const { trap, expectations, report } of runs) {
      expect(trap).toBeUndefined();
      expect(expectations.filter((e) => e.status === 'failed')).toEqual([]);
      const checked = expectations.filter(
        (e) => e.status === 'passed' && e.text.includes('cycles'),
      );
      expect([report.machine.name, checked.length]).toEqual([report.machine.name, 1]);
    }
  });

  it('runs with other sizes, where no expectation is left', () => {
    for (const params of SIZES[name] ?? []) {
      const { trap, expectations } = runProgram(programNamed(name, params), MACHINES[0]);
      expect(trap).toBeUndefined();
      expect(expectations).toEqual([]);
    }
  });

  it('has the same bits on every machine, and balanced books', () => {
    const all = [runs, ...(SIZES[name] ?? []).map((p) => runEverywhere(programNamed(name, p)))];
    for (const [first, ...others] of all) {
      for (const { vm, report } of [first, ...others]) {
        expect(report.unattributed).toBe(0);
        expect(report.unfinished).toBe(0);
        expect(Buffer.compare(bytesOf(vm.memory.floats), bytesOf(first.vm.memory.floats))).toBe(0);
        expect(vm.emittedTokens).toEqual(first.vm.emittedTokens);
      }
    }
  });

  it('stands in README.md with its cycles', () => {
    const cycles = runs.map(({ report }) => report.cycles.toLocaleString('en'));
    const row = readmeRows().find(([link]) => link === `[${name}](${name}.lasm)`);
    expect(row?.slice(2)).toEqual(cycles);
  });
});

describe('programs/README.md', () => {
  it('lists these programs and no others', () => {
    const listed = readmeRows().map(([link]) => link.replace(/^\[(.*)\]\(.*$/, '$1'));
    expect(listed.toSorted()).toEqual(names.toSorted());
  });
});

function bytesOf(memory: Float32Array): Uint8Array {
  return new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
}

/** The cells of the table's rows, which begin with a link to a program. */
function readmeRows(): string[][] {
  const lines = readFileSync(`${FOLDER}README.md`, 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith('| ['))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
