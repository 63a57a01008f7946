/** The start of the built command line: the code that V8 kept is used, and nothing depends on it. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;
const DIST = `${ROOT}dist`;
const isBuilt = existsSync(`${DIST}/lasm.cache`);

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const runNode = (...argv: string[]) => spawnSync(process.execPath, argv, { cwd: ROOT, encoding: 'utf8' }); // prettier-ignore

/** The files of the command line in a folder of their own, with other code in place of that of V8. */
function copyWith(cache: Uint8Array | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'lasm-start-'));
  folders.push(folder);
  for (const name of ['lasm.js', 'lasm.cjs']) copyFileSync(`${DIST}/${name}`, join(folder, name));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  if (cache) writeFileSync(join(folder, 'lasm.cache'), cache);
  return join(folder, 'lasm.js');
}

describe.skipIf(!isBuilt)('the built command line (skipped when dist/ is not built)', () => {
  const arguments_ = ['run', 'programs/hello.lasm'];

  it('starts from the code that V8 kept, in a script of ASCII', () => {
    const check = `
      const { readFileSync } = require('node:fs');
      const cachedData = readFileSync('dist/lasm.cache');
      const script = new (require('node:vm').Script)(readFileSync('dist/lasm.cjs', 'latin1'), { cachedData });
      process.exit(script.cachedDataRejected ? 1 : 0);`;
    expect(runNode('-e', check).status).toBe(0);
    expect(readFileSync(`${DIST}/lasm.cjs`).every((byte) => byte < 128)).toBe(true);
  });

  it('says the same without that code, and with code that V8 refuses', () => {
    const whole = runNode(`${DIST}/lasm.js`, ...arguments_);
    expect(whole.status).toBe(0);
    expect(whole.stdout).toContain('cycles');
    for (const cache of [undefined, new Uint8Array(4096).fill(7)]) {
      const { status, stdout, stderr } = runNode(copyWith(cache), ...arguments_);
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: whole.stdout, stderr: '' });
    }
  });

  it('ends with the exit code of the command', () => {
    expect(runNode(`${DIST}/lasm.js`, 'run', 'programs/none.lasm').status).toBe(1);
    expect(runNode(`${DIST}/lasm.js`, 'nonsense').status).toBe(2);
  });
});
