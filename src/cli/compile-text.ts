/** What `lasm compile` says of what it has done. */
import type { PassName } from '../compiler/options.ts';
import type { Build } from '../inference/build.ts';
import type { ModelSource } from '../inference/source.ts';
import { weightsPath } from '../inference/weights-file.ts';
import { memoryEnd, symbolBytes } from '../program/program.ts';
import { grouped } from '../reports/format.ts';
import { DEFAULT_MAX_MEMORY } from './load.ts';

/** What a pass has printed. */
export interface PassLine {
  readonly name: PassName;
  readonly text: string;
}

/** What a pass has made, counted; the units in which its print is written. */
const COUNTED: Readonly<Record<string, readonly [RegExp, string]>> = {
  plan: [/./, 'buffers'],
  emit: [/./, 'lines'],
};
const STEPS = [/^ +.* = /, 'steps'] as const;
const KERNEL_LINES = [/^ +/, 'instructions and loops'] as const;
const KERNEL_PASSES = ['tile', 'schedule', 'allocate'];

/** The model, and one line for each pass. */
export function summaryOf({ summary }: ModelSource, passes: readonly PassLine[]): string {
  const lines = passes.map(({ name, text }) => {
    const [pattern, unit] = COUNTED[name] ?? (KERNEL_PASSES.includes(name) ? KERNEL_LINES : STEPS);
    const count = text.split('\n').filter((line) => pattern.test(line)).length;
    const loops = name === 'roll' ? [...text.matchAll(/repeat (\d+) times, (.*):/g)] : [];
    const rolled = loops.map(([, times, word]) => `, ${word} × ${times} as a loop`).join('');
    return `  ${name.padEnd(10)} ${grouped(count).padStart(7)} ${unit}${rolled}`;
  });
  return [summary, ...lines, ''].join('\n');
}

/** What is on the disk now, and how large it is in memory. */
export function written(output: string, text: string, build: Build, weightBytes: number): string {
  const { program, symbols } = build;
  const bytesOf = (isOne: (name: string) => boolean) =>
    grouped(program.symbols.filter(({ name }) => isOne(name)).reduce((n, s) => n + symbolBytes(s), 0)); // prettier-ignore
  const role = (name: string) => symbols.get(name)?.role;
  const [lines, instructions] = [text.split('\n').length - 1, program.code.length].map(grouped);
  return [
    `${output}: ${lines} lines, ${instructions} instructions`,
    `${weightsPath(output)}: ${grouped(weightBytes)} bytes`,
    `memory: weights ${bytesOf((name) => role(name) === 'weight')} bytes, caches ${bytesOf((name) => role(name) === 'state')}, everything else ${bytesOf((name) => !['weight', 'state'].includes(role(name) ?? ''))}`, // prettier-ignore
  ].join('\n');
}

/** The command that runs it. */
export function howToRun(output: string, { kind }: ModelSource, { program }: Build): string {
  const bytes = memoryEnd(program);
  const prompt = kind === 'language' ? ' --tokens LIST' : '';
  const memory = bytes > DEFAULT_MAX_MEMORY ? ` --max-memory ${bytes}` : '';
  return `run it: lasm run ${output}${prompt}${memory}`;
}
