// Bundles the benchmarks as the command line is bundled, so that both run the same code.
import { defineConfig } from 'vite';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: 'test/bench/main.ts',
    outDir: 'node_modules/.cache/bench',
    emptyOutDir: true,
    target: 'node20',
  },
});
