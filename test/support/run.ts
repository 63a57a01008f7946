/** Runs programs for tests and keeps everything that happened. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assemble } from '../../src/asm/assemble.ts';
import type { AssemblerHost } from '../../src/asm/assemble.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import type { Program } from '../../src/program/program.ts';
import type { RunOptions } from '../../src/run/run.ts';
import { runProgram } from '../../src/run/run.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import { stageTable } from './stage-table.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** A host without files. */
export const NO_FILES: AssemblerHost = {
  readText: (path) => {
    throw new Error(`there is no file ${path}`);
  },
  readTensor: (path) => {
    throw new Error(`there is no file ${path}`);
  },
};

/** The program in a text; throws with the diagnostics when there is an error. */
export function assembleText(text: string, host = NO_FILES, params = {}): Program {
  const { program, diagnostics } = assemble('test.lasm', text, host, { params });
  if (program) return program;
  throw new Error(diagnostics.map((d) => `${d.span.line}: ${d.message}`).join('\n'));
}

/** The program in a file of the project. */
export function assembleFixture(path: string, params: Record<string, number> = {}): Program {
  const file = join(ROOT, path);
  const host = openFolder(dirname(file));
  const { program, diagnostics } = assemble(path, readFileSync(file, 'utf8'), host, { params });
  if (program) return program;
  throw new Error(diagnostics.map((d) => `${path}:${d.span.line}: ${d.message}`).join('\n'));
}

/** A preset by name. */
export function machineNamed(name: string): Machine {
  const machine = findPreset(name);
  if (machine) return machine;
  throw new Error(`there is no machine ${name}`);
}

/** Runs a program and keeps its events, its diagram and its charges by cause. */
export function recordRun(program: Program, machine: string | Machine, options: RunOptions = {}) {
  const events: TimingEvent[] = [];
  const target = typeof machine === 'string' ? machineNamed(machine) : machine;
  const listeners = () => [(event: TimingEvent) => events.push(event)];
  const result = runProgram(program, target, { ...options, listeners });
  const charges: Record<string, number> = {};
  for (const event of events) {
    if (event.kind === 'charge') charges[event.cause] = (charges[event.cause] ?? 0) + event.cycles;
  }
  return { ...result, events, diagram: stageTable(events), charges };
}
