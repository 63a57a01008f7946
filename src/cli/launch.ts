#!/usr/bin/env node
/** What `lasm` starts: the command line in one file, with the code that V8 made of it when it was built. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

type Module = (
  exports: object,
  require: NodeJS.Require,
  module: object,
  filename: string,
  folder: string,
) => void;

/** Undefined when it is not there. */
function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

const folder = dirname(fileURLToPath(import.meta.url));
const filename = join(folder, 'lasm.cjs');
// The text is ASCII. Another V8 than that of the build refuses the code, and compiles the text.
const cachedData = bytesOf(join(folder, 'lasm.cache'));
const script = new Script(readFileSync(filename, 'latin1'), {
  filename,
  ...(cachedData && { cachedData }),
});
const run = script.runInThisContext() as Module;
run({}, createRequire(import.meta.url), {}, filename, folder);
