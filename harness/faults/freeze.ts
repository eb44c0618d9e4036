// A host stands still: nothing on it runs, and yet its kernel answers for its addresses. To who looks from outside it is
// there: it answers ping and accepts connections, on which nothing ever comes back. The greyest of failures. A virtual machine
// stands still with its kernel, and is silent: that is black, and says so.
import { apiPort, type Facts } from '../core/facts.ts';
import type { Fault, FaultCall } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import type { HostRole } from '../core/topology.ts';
import {
  healOutOfBand,
  powerSwitchSays,
  strikeOutOfBand,
  toldOutside,
  whetherPowerCan,
} from './out-of-band.ts';

export const freeze: Fault = {
  name: 'freeze',
  summary: 'Freezes a host: nothing on it runs, while its kernel goes on accepting connections.',

  effect: ({ targets }) => ({ hostsFrozen: targets }),

  unavailable: whetherPowerCan('freeze'),

  outside: (plan) =>
    toldOutside(plan, () => ({
      deed: 'everything on it stands still, while its kernel goes on answering',
      undo: 'it is thawed; at the limit by a watchdog that outlives holdfast',
    })),

  inject: (call) => strikeOutOfBand(call, (power) => power.freeze()),

  async evidence(call) {
    return (
      await Promise.all(
        call.targets.map((target) =>
          Promise.all([powerSwitchSays(call, target, 'frozen'), hangs(call, target)]),
        ),
      )
    ).flat();
  },

  heal: (call) => healOutOfBand(call, (power) => power.thaw()),
};

/** Something on every host that speaks HTTP at once when it runs. */
const SPEAKS: Readonly<Record<HostRole, (address: string, facts: Facts) => string>> = {
  master: (address, facts) => `https://${address}:${apiPort(facts)}/livez`,
  etcd: (address, { found }) => `${found?.etcd.tls ? 'https' : 'http'}://${address}:2379/version`,
  node: (address) => `https://${address}:10250/healthz`,
};
/** curl: the limit was reached, before or after the connection stood. */
const TIMED_OUT = 28;

/** A connection that stands and says nothing; where the kernel stands still too, none at all, and no refusal of one either. */
async function hangs({ lab, topology }: FaultCall, target: string): Promise<Evidence> {
  const plan = topology.hosts.find(({ name }) => name === target);
  const role = (['master', 'etcd', 'node'] as const).find((one) => plan?.roles.includes(one));
  const witness = 'a request from the observer';
  if (!plan || !role) return { witness, holds: false, detail: `${target} has no role that serves HTTP` };
  const url = SPEAKS[role](plan.address, topology);
  // Of a request that was given up only the narration tells whether the connection stood.
  const argv = ['curl', '-skv', '-o', '/dev/null', '-m', '2', '-w', '%{http_code}', url];
  const { exitCode, stdout, stderr } = await lab.observer.run(argv, {
    acceptExitCodes: [0, 7, TIMED_OUT, 35, 52, 56],
    timeoutMs: 10_000,
  });
  const isSilent = lab.power(target).frozenKernel === 'stands still';
  const isConnected = stderr.includes('* Connected to');
  const status = stdout.trim();
  const end = status === '000' ? `no answer (curl ${exitCode})` : `HTTP ${status}`;
  return {
    witness,
    holds: isConnected !== isSilent && exitCode === TIMED_OUT && status === '000',
    detail: `${url}: ${isConnected ? 'connected' : 'not connected'}, ${end}`,
  };
}
