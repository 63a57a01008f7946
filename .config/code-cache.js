// Runs commands of the bundled command line, and keeps the code of all functions that they needed.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';

const COMMANDS = [
  ['--version'],
  ['--help'],
  ['run', 'programs/hello.lasm'],
  ['explain', 'programs/matmul-tiled.lasm'],
  ['verify', 'programs/graphs/mlp.json'],
  ['machines'],
  ['isa'],
];

const dist = new URL('../dist/', import.meta.url).pathname;
const filename = `${dist}lasm.cjs`;
const script = new Script(readFileSync(filename, 'latin1'), { filename });
for (const command of COMMANDS) {
  process.argv = [process.execPath, filename, ...command];
  script.runInThisContext()({}, createRequire(filename), {}, filename, dist);
  if (process.exitCode) throw new Error(`lasm ${command.join(' ')} failed`);
}
writeFileSync(`${dist}lasm.cache`, script.createCachedData());
