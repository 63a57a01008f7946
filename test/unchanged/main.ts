/**
 * `npm run unchanged`: does every program have the values, cycles, reports and traces that it had?
 * With `-- --write` what is found becomes the manifest. With `-- --programs FOLDER [--tokens 3,7]` it
 * prints the lines of other programs, to compare two versions of Lasm by.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PRESETS } from '../../src/machine/presets.ts';
import { MANIFEST, allRows, differences, manifestRows, programRows } from './manifest.ts';

const { values: flags } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    programs: { type: 'string' },
    tokens: { type: 'string' },
  },
});

function compare(): void {
  const rows = allRows();
  const found = differences(manifestRows(), rows);
  for (const line of found) console.log(line);
  console.log(`${rows.length} lines, ${found.length} differences`);
  if (found.length > 0) process.exitCode = 1;
}

if (flags.programs !== undefined) {
  const tokens = flags.tokens?.split(',').map(Number) ?? [];
  console.log(programRows(PRESETS, flags.programs, tokens).join('\n'));
} else if (flags.write) {
  writeFileSync(MANIFEST, `${allRows().join('\n')}\n`);
} else {
  compare();
}
