// Kinds of tests: hermetic ones, ones of the pages in a browser, ones that need a Docker Engine, long ones over SSH, with a
// release, of profile v1.4.5 with stand-ins and on virtual machines, and the scenarios (run by `holdfast run` only).
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
          name: 'ssh',
          include: ['test/ssh/**/*.test.ts'],
          globalSetup: ['test/hosts/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: 'release',
          include: ['test/release/**/*.test.ts'],
          globalSetup: ['test/hosts/global-setup.ts'],
          testTimeout: 900_000,
          hookTimeout: 1_800_000,
        },
      },
      {
        test: {
          name: 'legacy',
          include: ['test/legacy/**/*.test.ts'],
          globalSetup: ['test/legacy/global-setup.ts'],
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
