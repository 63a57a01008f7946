// Bundles the comparison of the timing engines as the command line is bundled.
import { defineConfig } from 'vite';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: 'test/fuzz/main.ts',
    outDir: 'node_modules/.cache/fuzz',
    emptyOutDir: true,
    target: 'node20',
  },
});
