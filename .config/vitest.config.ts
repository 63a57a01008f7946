import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // Both cores, and modules read once for each of them: reading takes as long as testing.
    maxWorkers: '100%',
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'isa/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 95 },
    },
  },
});
