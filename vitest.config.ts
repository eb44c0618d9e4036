// Five kinds of tests: hermetic ones, ones of the pages in a browser, ones that need a Docker Engine, ones on virtual machines (run
// by `npm run test:vagrant` only), and the scenarios (run by `holdfast run` only).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    experimental: { fsModuleCache: true },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['harness/**/*.test.ts', 'fixtures/**/*.test.ts', 'test/{unit,undo}/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'hosts',
          include: ['test/hosts/**/*.test.ts'],
          globalSetup: ['test/hosts/global-setup.ts'],
          // The labs of several files at once would only fight for the same two cores.
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'vagrant',
          include: ['test/vagrant/**/*.test.ts'],
          // Machines that are emulated on a busy machine boot for minutes.
          testTimeout: 900_000,
          hookTimeout: 1_800_000,
        },
      },
      { test: { name: 'scenarios', include: ['scenarios/**/*.scenario.ts'], fileParallelism: false } },
    ],
  },
});
