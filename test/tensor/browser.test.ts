/** The kernels give the same bits in a browser: a page is built, Chromium opens it, and digests are compared. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import type { Digests } from './browser/digests.ts';
import { hostDigests } from './browser/digests.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const PAGE = `${ROOT}test/tensor/browser/page.ts`;
const LIMIT_MS = 50_000;

/** LASM_CHROMIUM names another one. */
const CHROMIUM = [
  process.env['LASM_CHROMIUM'] ?? '/usr/bin/chromium',
  ...['/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
].find((path) => existsSync(path));

/** The page and all it imports as one script, in which no line ends the element around it. */
async function bundle(): Promise<string> {
  const lib = { entry: PAGE, formats: ['iife' as const], name: 'page', fileName: 'page' };
  const options = { write: false, lib, target: 'es2022' };
  const built = await build({ configFile: false, logLevel: 'silent', build: options });
  const [{ output }] = built as { output: { code: string }[] }[];
  return output[0].code.replaceAll('</script', '<\\/script');
}

async function openPage(chromium: string, folder: string): Promise<string> {
  const file = join(folder, 'page.html');
  writeFileSync(file, `<!doctype html><body></body><script>${await bundle()}</script>`);
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-extensions'];
  const profile = `--user-data-dir=${join(folder, 'profile')}`;
  const arguments_ = [...flags, profile, '--dump-dom', `file://${file}`];
  const limits = { timeout: LIMIT_MS, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(chromium, arguments_, limits);
  return stdout;
}

describe('the kernels of this host', () => {
  it('are the fast ones, with the digests of the plain loops', () => {
    const { isFast, digests } = hostDigests();
    expect(isFast).toBe(true);
    expect(digests).toEqual(hostDigests(true).digests);
    const distinct = new Set(Object.values(digests)).size;
    expect(distinct).toBe(Object.keys(digests).length);
  });

  it('have the bits of those in Chromium', { timeout: 2 * LIMIT_MS }, async ({ skip }) => {
    if (CHROMIUM === undefined) skip('no Chromium here; LASM_CHROMIUM may name one');
    const folder = mkdtempSync(join(tmpdir(), 'lasm-browser-'));
    try {
      const page = await openPage(CHROMIUM!, folder);
      const [, json] = /&lt;&lt;(.*)&gt;&gt;/.exec(page) ?? [];
      expect(JSON.parse(json) as Digests).toEqual(hostDigests());
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  it('import nothing but each other', () => {
    const files = readdirSync(`${ROOT}src/tensor`, { recursive: true, encoding: 'utf8' });
    const imports = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [
        ...readFileSync(`${ROOT}src/tensor/${file}`, 'utf8').matchAll(/from '([^']+)'/g),
      ]) // prettier-ignore
      .map(([, path]) => path);
    expect(imports.length).toBeGreaterThan(50);
    expect(imports.filter((path) => !path.startsWith('.'))).toEqual([]);
  });
});
