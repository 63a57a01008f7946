#!/usr/bin/env node
/** What `lasm` starts: the command line in one script, with the code that V8 made of it when it was built. */

type Module = (
  exports: object,
  require: NodeJS.Require,
  module: object,
  filename: string,
  folder: string,
) => void;

// An import would load all that the module offers, streams included, which takes as long as the script.
const { readFileSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');
const { Script } = process.getBuiltinModule('node:vm');

/** Undefined when it is not there. */
function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

const folder = import.meta.dirname;
const filename = `${folder}/lasm.cjs`;
// The text is ASCII. Another V8 than that of the build refuses the code, and compiles the text.
const cachedData = bytesOf(`${folder}/lasm.cache`);
const script = new Script(readFileSync(filename, 'latin1'), {
  filename,
  ...(cachedData && { cachedData }),
});
const run = script.runInThisContext() as Module;
run({}, createRequire(filename), {}, filename, folder);
