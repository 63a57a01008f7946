/** The manifest: what every program shows on every machine, a line for each; and what differs from it. */
import { readFileSync } from 'node:fs';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { fingerprint, hashOf } from './fingerprint.ts';
import type { Subject } from './subjects.ts';
import { PROGRAMS, compiledModels, writtenPrograms } from './subjects.ts';

export const MANIFEST = new URL('manifest.txt', import.meta.url).pathname;

/** A machine of each kind; compiled models take too long for all. */
export const SOME_MACHINES: readonly Machine[] = PRESETS.filter(({ name }) =>
  ['classic5-fwd', 'cached', 'scoreboard', 'tomasulo', 'gemmini16'].includes(name),
);

/** The level at which compiled models are run; of the others only the text counts. */
const RUN_LEVEL = 2;

/** A line for each machine that has tiles as large as the program's. */
function rowsOf(subject: Subject, machines: readonly Machine[]): string[] {
  const large = machines.filter(({ tile }) => tile >= subject.program.tile);
  return large.map((machine) => fingerprint(subject, machine));
}

/** Lines of the programs in a folder, sorted. */
export function programRows(
  machines: readonly Machine[],
  folder = PROGRAMS,
  promptTokens: readonly number[] = [],
): string[] {
  const subjects = [...writtenPrograms(folder, promptTokens)];
  return subjects.flatMap((subject) => rowsOf(subject, machines)).sort();
}

/** Lines of what the compiler makes of models: the text at each level, and runs at the highest. */
function modelRows(): string[] {
  return [...compiledModels()].flatMap((model) => [
    `${model.name} text=${hashOf(model.text)}`,
    ...(model.level === RUN_LEVEL ? rowsOf(model, SOME_MACHINES) : []),
  ]);
}

/** All lines, sorted. */
export function allRows(): string[] {
  return [...programRows(PRESETS), ...modelRows()].sort();
}

/** The lines that are checked in. */
export function manifestRows(): string[] {
  return readFileSync(MANIFEST, 'utf8').trimEnd().split('\n');
}

/**
 * What differs, a line each: `hello.lasm classic5: cycles=27 → cycles=28, log=… → log=…`. Lines that
 * only one of the two has count too.
 */
export function differences(before: readonly string[], after: readonly string[]): string[] {
  const [old, now] = [byKey(before), byKey(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    if (was === undefined) return [`${key}: is new`];
    if (is === undefined) return [`${key}: is gone`];
    const changed = is.flatMap((field, i) => (field === was[i] ? [] : [`${was[i]} → ${field}`]));
    return changed.length === 0 ? [] : [`${key}: ${changed.join(', ')}`];
  });
}

/** Program and machine → what is known of the run. */
function byKey(rows: readonly string[]): Map<string, string[]> {
  return new Map(
    rows.map((row) => {
      const words = row.split(' ');
      const isField = (word: string) => word.includes('=');
      const key = words.filter((word) => !isField(word)).join(' ');
      return [key, words.filter(isField)];
    }),
  );
}
