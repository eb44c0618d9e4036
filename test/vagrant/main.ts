// npm run test:vagrant [-- --five]
// The provider vagrant on real virtual machines: two masters and an observer, or with --five the seed's five hosts and an
// observer. Installs what it needs (as root on Debian), and runs all of it in a network without a way out. Exit code 1 when a
// test fails or anything is left behind; 4 when machines cannot be had here: no test was made then, and none has passed.
import { parseArgs } from 'node:util';
import { EXIT_CODES, explainError, HoldfastError } from '../../harness/core/errors.ts';
import { libvirtDriver } from '../../harness/providers/vagrant/available.ts';
import { ensureBox } from './box.ts';
import { isolate, remove, runIsolated } from './isolation.ts';
import { ensureTools } from './tools.ts';

const say = (text: string): void => void process.stdout.write(`vagrant: ${text}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { five: { type: 'boolean', default: false } } });
  await ensureTools(say);
  const box = await ensureBox(say);
  const driver = await libvirtDriver();
  say(
    driver === 'qemu'
      ? 'no hardware virtualisation works here: the machines are emulated, and so are all times below'
      : 'the machines have hardware virtualisation',
  );
  const isolation = await isolate();
  const startedAt = performance.now();
  let exitCode: number = EXIT_CODES.fail;
  let problems: readonly string[] = [];
  try {
    exitCode = await runIsolated(
      isolation,
      [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--project', 'vagrant'],
      {
        HOLDFAST_STATE_DIR: `${isolation.folder}/state`,
        HOLDFAST_VAGRANT_BOX: box,
        HOLDFAST_VAGRANT_DRIVER: driver,
        HOLDFAST_VAGRANT_MEMORY_MIB: '512',
        VAGRANT_HOME: `${isolation.folder}/vagrant`,
        VAGRANT_DEFAULT_PROVIDER: 'libvirt',
        VAGRANT_TEST_MACHINES: values.five ? 'five' : 'three',
      },
    );
  } finally {
    problems = await remove(isolation);
  }
  const took = `after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  say(
    problems.length === 0 ? `nothing is left of it ${took}` : `left behind ${took}: ${problems.join('; ')}`,
  );
  return problems.length === 0 ? exitCode : EXIT_CODES.fail;
}

try {
  process.exitCode = await main();
} catch (thrown) {
  process.exitCode = thrown instanceof HoldfastError ? thrown.exitCode : EXIT_CODES.fail;
  const isUnavailable = process.exitCode === EXIT_CODES.environment;
  process.stderr.write(
    `${isUnavailable ? 'unavailable, nothing was tested: ' : ''}${explainError(thrown)}\n`,
  );
}
