/** `npm run docs` writes what is derived; `npm run docs:check` fails when it is stale. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { refreshExamples } from './examples.ts';
import { isaPage } from './isa-page.ts';
import { machinesPage } from './machines-page.ts';
import { refreshSections } from './sections.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

const read = (path: string): string => {
  try {
    return readFileSync(ROOT + path, 'utf8');
  } catch {
    return '';
  }
};

const generated: ReadonlyMap<string, string> = new Map([
  ['docs/isa.md', isaPage()],
  ['docs/machines.md', machinesPage()],
]);

const handwritten = ['README.md', 'programs/README.md', ...pagesIn('docs')].filter(
  (path) => !generated.has(path),
);

function pagesIn(folder: string): string[] {
  return readdirSync(ROOT + folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

const refreshed = handwritten.map(
  async (path) => [path, await refreshSections(refreshExamples(read(path)))] as const,
);
const wanted = [...generated, ...(await Promise.all(refreshed))];
const stale = wanted.filter(([path, text]) => text !== '' && read(path) !== text);

if (process.argv.includes('--write')) {
  for (const [path, text] of stale) writeFileSync(ROOT + path, text);
  console.log(stale.length === 0 ? 'docs were fresh' : `wrote ${stale.map(([p]) => p).join(', ')}`);
} else if (stale.length > 0) {
  console.error(`stale: ${stale.map(([path]) => path).join(', ')}; run npm run docs`);
  process.exitCode = 1;
}
