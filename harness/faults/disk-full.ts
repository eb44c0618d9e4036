// A disk without room: every write that needs a new block fails, and who cannot bear that ends.
import type { FaultCall } from '../core/fault.ts';
import type { Host } from '../core/host.ts';
import type { Evidence } from '../core/record.ts';
import { onHosts } from './on-host.ts';
import { IN_CONTAINER, REVIVE_UNITS } from './resources.ts';

const PATH = '/var';
/** Of loop devices, in Linux's list of devices. */
const LOOP_MAJOR = '7';
/** Beside the undo, which is there before the disk is full and needs no room to be removed. */
const filler = (id: string): string => `${PATH}/lib/holdfast/filler-${id}`;

export const diskFull = onHosts({
  name: 'disk-full',
  summary: "Fills the file system of /var to its last block, root's reserve included.",
  effect: ({ targets }) => ({
    impaired: targets.map((host) => ({ host, by: 'no block is free on /var' })),
  }),
  unavailable: async ({ lab, targets }) => {
    const reasons = await Promise.all(targets.map((target) => isNotItsOwn(lab.host(target))));
    return reasons.find((reason) => reason !== undefined);
  },
  deeds: ({ targets, id }) =>
    targets.map((host) => ({
      host,
      // Blocks are taken without being written: half as many at a time when there are no more so many.
      deed: `step=$(( $(stat -f -c '%f * %S' ${PATH}) ))
offset=0
while [ $step -ge 4096 ]; do
  if fallocate -o $offset -l $step ${filler(id)} 2> /dev/null; then offset=$(( offset + step )); else step=$(( step / 2 )); fi
done`,
      undo: `rm -f ${filler(id)}\n${REVIVE_UNITS}`,
    })),
  evidence: async (call) =>
    (
      await Promise.all(
        call.targets.map((target) => Promise.all([noneIsFree(call, target), noneCanWrite(call, target)])),
      )
    ).flat(),
});

/** A file system that others use too would be full for them as well. */
async function isNotItsOwn(host: Host): Promise<string | undefined> {
  const script = `${IN_CONTAINER} && awk '$5 == "${PATH}" { device = $3 } END { print device }' /proc/self/mountinfo || echo own`;
  const { stdout } = await host.run(['sh', '-c', script], { timeoutMs: 10_000 });
  const device = stdout.trim();
  if (device === 'own' || device.startsWith(`${LOOP_MAJOR}:`)) return undefined;
  return `${PATH} of ${host.name} stands on the machine's own disk, which would be full for all others`;
}

async function noneIsFree({ lab }: FaultCall, target: string): Promise<Evidence> {
  const argv = ['df', '-k', '--output=size,avail', PATH];
  const { stdout } = await lab.host(target).run(argv, { timeoutMs: 10_000 });
  const [sizeKiB = NaN, freeKiB = NaN] = (stdout.trim().split('\n')[1] ?? '').trim().split(/\s+/).map(Number);
  return {
    witness: `df on ${target}`,
    holds: freeKiB <= 64,
    detail: `${freeKiB} of ${sizeKiB} KiB are free on ${PATH}`,
  };
}

async function noneCanWrite({ lab, id }: FaultCall, target: string): Promise<Evidence> {
  const file = `${PATH}/tmp/holdfast-${id}`;
  const script = `dd if=/dev/zero of=${file} bs=64k count=16 conv=fsync; code=$?; rm -f ${file}; exit $code`;
  const { exitCode, stderr } = await lab.host(target).run(['sh', '-c', script], {
    acceptExitCodes: [0, 1],
    timeoutMs: 20_000,
  });
  return {
    witness: `a write on ${target}`,
    holds: exitCode !== 0 && stderr.includes('No space left'),
    detail: exitCode === 0 ? 'went well' : (stderr.split('\n')[0] ?? ''),
  };
}
