// Bundles the command line into one script and keeps what V8 makes of it, so that starting compiles nothing.
import { execFileSync } from 'node:child_process';
import { defineConfig } from 'vite';

const root = new URL('..', import.meta.url).pathname;

/** A text of ASCII is read without decoding; the escapes mean the same in texts, patterns and comments. */
const ascii = (code: string) =>
  code.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The function that `src/cli/launch.ts` calls, on the lines of the module. */
const wrapped = (code: string) =>
  `(function (exports, require, module, __filename, __dirname) { 'use strict'; ${code}\n})\n`;

export default defineConfig({
  root,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: true,
    outDir: 'dist',
    emptyOutDir: false,
    target: 'node20',
    rolldownOptions: {
      input: { lasm: 'src/cli/main.ts' },
      output: {
        format: 'cjs',
        entryFileNames: '[name].cjs',
        comments: { legal: true, annotation: false, jsdoc: false },
      },
    },
  },
  plugins: [
    {
      name: 'code-cache',
      generateBundle: (_options, bundle) => {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type === 'chunk') chunk.code = wrapped(ascii(chunk.code));
        }
      },
      closeBundle: () => {
        // A process of its own: flags of V8 that this one has would make the code useless to others.
        const env = { ...process.env, NODE_OPTIONS: '' };
        execFileSync(process.execPath, ['.config/code-cache.js'], {
          cwd: root,
          env,
          stdio: ['ignore', 'ignore', 'inherit'],
        });
      },
    },
  ],
});
