// All that is watched while a scenario runs: the VIP on its hosts, on the wire and in the observer's ARP entry, the
// probes on the observer and in the pods, and what the harness itself costs.
import type { Cluster } from '../cluster/cluster.ts';
import { readLinkAddresses } from '../cluster/link-addresses.ts';
import { asError } from '../core/errors.ts';
import { hasVrrp } from '../core/facts.ts';
import { Scope } from '../core/scope.ts';
import type { HostClocks } from '../core/clock.ts';
import { MeasuredClocks, startArpWatch, startVipWatch, startWireWatch } from '../probes/index.ts';
import { openCpuAccount } from './cpu.ts';
import type { ExecuteOptions } from './options.ts';
import { startMachineWatch } from './machine-watch.ts';
import { startAllProbes } from './probing.ts';
import type { VipView } from './vip-view.ts';

const STOP_TIMEOUT_MS = 30_000;

interface Watch {
  stop(): Promise<void>;
}

export interface Watching {
  /** Ends every watch, whatever became of the others; returns what went wrong. */
  stop(): Promise<readonly Error[]>;
}

/** Resolves when every watch has begun; if one cannot, those that have are ended again. */
export async function startWatching(
  options: ExecuteOptions,
  cluster: Cluster,
  vipView: VipView,
  maxDurationMs: number,
): Promise<Watching> {
  const { recorder, clock, processes } = options;
  const scope = new Scope();
  const probing = new Scope();
  const keep = (name: string, watch: Watch): void =>
    scope.push({ name: `ending ${name}`, timeoutMs: STOP_TIMEOUT_MS, undo: () => watch.stop() });
  const clocks = new MeasuredClocks({ recorder, clock });
  keep('the measuring of clocks', clocks);
  try {
    if (hasVrrp(cluster.topology)) await startVipWatches(options, cluster, { vipView, clocks, keep });
    keep('the watch on the machine', startMachineWatch(options));
    const probes = await startAllProbes(options, cluster, clocks, maxDurationMs);
    keep('the ledger', { stop: () => probes.closeLedger() });
    probing.push({ name: 'ending the probes', timeoutMs: STOP_TIMEOUT_MS, undo: () => probes.stop() });
  } catch (thrown) {
    await scope.close();
    throw thrown;
  }
  const cpu = openCpuAccount(processes);
  return {
    stop: async () => {
      recorder.append({ type: 'cpu', atMs: clock.now(), shares: cpu.close() });
      // The probes first: what they see until then must be explained by what is watched beside them.
      return [...(await probing.close()), ...(await scope.closeTogether())];
    },
  };
}

interface VipWatching {
  readonly vipView: VipView;
  readonly clocks: HostClocks;
  readonly keep: (name: string, watch: Watch) => void;
}

/** The same address seen from three sides: its hosts' kernels, the wire, and a client's ARP entry. */
async function startVipWatches(
  { lab, recorder, clock }: ExecuteOptions,
  { masters, topology }: Cluster,
  { vipView, clocks, keep }: VipWatching,
): Promise<void> {
  const linkAddresses = await readLinkAddresses(masters);
  recorder.append({ type: 'link.addresses', atMs: clock.now(), addresses: linkAddresses });
  const shared = {
    host: lab.observer,
    vip: topology.vip.address,
    hosts: masters,
    linkAddresses,
    clock,
    clocks,
  };
  const begun = await Promise.allSettled([
    startVipWatch({ ...shared, recorder: vipView }),
    startWireWatch({ ...shared, recorder: vipView }),
    startArpWatch({ ...shared, recorder }),
  ]);
  for (const one of begun) if (one.status === 'fulfilled') keep('a watch on the VIP', one.value);
  for (const [index, one] of begun.entries()) {
    if (one.status === 'fulfilled') continue;
    // An observer that somebody else owns may have no right to capture: then the addresses alone tell.
    if (!topology.found || index === 0) throw one.reason;
    const text = `${WATCHES[index] ?? ''} cannot be watched here: ${asError(one.reason).message}`;
    recorder.append({ type: 'note', atMs: clock.now(), text });
  }
}

/** In the order in which they are begun. */
const WATCHES = ["the VIP's addresses", 'the wire', "the observer's ARP entry"];
