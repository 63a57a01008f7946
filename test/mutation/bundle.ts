/** Bundles the trial with the engine that has one mistake in it; no file of the tree is touched. */
import { spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import { build } from 'vite';
import type { Mutation } from './mutation.ts';
import { mutated } from './mutation.ts';
import type { Outcome, Verdict } from './verdict.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const fileHere = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** What is asked for → what a bundle has instead. */
const IN_PLACE: readonly (readonly [asked: RegExp, file: string])[] = [
  [/^vitest$/, fileHere('stand-in.ts')],
  [/\/event\/index\.ts$/, fileHere('tick-in-place.ts')],
];
/** Inside node_modules, so that packages are found from here. */
export const OUT_DIR = `${ROOT}node_modules/.cache/mutation`;
/** A trial takes a few seconds. */
const TIMEOUT_MS = 120_000;

/** Makes the mistake, and lets every module find its own files. */
function mistake(mutation: Mutation | undefined): Plugin {
  return {
    name: 'mutation',
    enforce: 'pre',
    resolveId: (id) => IN_PLACE.find(([asked]) => asked.test(id))?.[1],
    transform(code, id) {
      const isHere = mutation !== undefined && id === ROOT + mutation.file;
      const text = isHere ? mutated(mutation, code) : code;
      return text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
    },
  };
}

/** Writes a bundle; the path of it. */
export async function bundle(mutation: Mutation | undefined, name: string): Promise<string> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'silent',
    plugins: [mistake(mutation)],
    build: {
      ssr: 'test/mutation/check.ts',
      outDir: OUT_DIR,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return `${OUT_DIR}/${name}.mjs`;
}

/** Runs a bundle in a process of its own. */
export function runTrial(bundlePath: string, corpusPath: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bundlePath, corpusPath], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as Verdict);
      else resolve(code === null ? 'hangs' : 'throws');
    });
  });
}
