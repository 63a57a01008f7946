/** docs/machines.md: the machines and the parameters of a machine file, derived from their table. */
import type { Parameter } from '../../src/machine/parameters.ts';
import { MACHINE_PARAMETERS } from '../../src/machine/parameters.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { describeParameter } from '../../src/machine/read.ts';

/** The page as Markdown. */
export function machinesPage(): string {
  return [
    '# Machines',
    '',
    'Generated from `isa/machines/` and `src/machine/parameters.ts` by `npm run docs`; do not edit.',
    '',
    'A machine is a JSON file. Every key below is required and no other is allowed; `lasm machines NAME --json` prints a preset to start from, and `lasm run --machine FILE` uses it. What each parameter does to the cycles is in [the microarchitecture](microarchitecture.md).',
    '',
    '| machine | in one sentence |',
    '| --- | --- |',
    ...PRESETS.map(({ name, title }) => `| \`${name}\` | ${title} |`),
    ...PRESETS.flatMap(({ name, faithfulTo, source }) => [
      '',
      `## ${name}`,
      '',
      faithfulTo,
      '',
      `Source: ${source}.`,
    ]),
    '',
    '## Parameters',
    '',
    'Besides these a file has the texts `name`, `title`, `faithfulTo` and `source`. `cache` may be `null` as a whole: then memory accesses go to DRAM.',
    '',
    `| key | ${PRESETS.map(({ name }) => `\`${name}\``).join(' | ')} | meaning |`,
    `| --- | ${PRESETS.map(() => '---').join(' | ')} | --- |`,
    ...parameterRows(MACHINE_PARAMETERS, PRESETS, ''),
    '',
  ].join('\n');
}

function parameterRows(specs: object, values: readonly unknown[], prefix: string): string[] {
  return Object.entries(specs).flatMap(([key, spec]: [string, object]) => {
    const inner = values.map((value) => (value as Record<string, unknown> | null)?.[key] ?? null);
    if (!('kind' in spec)) return parameterRows(spec, inner, `${prefix}${key}.`);
    const parameter = spec as Parameter;
    if (parameter.kind === 'text') return [];
    const shown = inner.map((value) => (value === null ? '' : `\`${String(value)}\``));
    const meaning = `${parameter.doc}; ${describeParameter(parameter)}`;
    return [`| \`${prefix}${key}\` | ${[...shown, meaning].join(' | ')} |`];
  });
}
