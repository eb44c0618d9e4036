// Faults of the network on hosts that SSH reaches by that same network: all is lost but the connection by which they came.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultCall, FaultParams } from '../../harness/core/fault.ts';
import type { Host } from '../../harness/core/host.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import type { Lab, LabDescriptor, Provider } from '../../harness/core/provider.ts';
import { faultNamed } from '../../harness/faults/index.ts';
import { completeParams } from '../../harness/faults/parameters.ts';
import { providerKind } from '../../harness/providers/index.ts';
import { InventoryProvider } from '../../harness/providers/inventory.ts';
import { LabNotes } from '../../harness/providers/lab-notes.ts';
import { newRunId } from '../../harness/run/folder.ts';
import { FOREIGN_TOPOLOGY, makeForeignHosts } from './foreign-cluster.ts';
import { testImages } from './test-images.ts';

const [STRUCK = '', OTHER = ''] = FOREIGN_TOPOLOGY.hosts.map(({ name }) => name);
const LIMIT_MS = 60_000;
const NO_REMAINS = `{ iptables-save; arptables-save; } 2> /dev/null | grep -i holdfast
tc qdisc show dev eth0 | grep -v noqueue
ls /var/lib/holdfast/undo
true`;

describe('over SSH by the network that is struck', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-own-connection-'));
  const runId = newRunId(new Date());
  const found = new InventoryProvider(new LabNotes(join(folder, 'notes')));
  let provider: Provider;
  let outside: Lab;
  let descriptor: LabDescriptor;
  /** With connections of its own, none of which stands yet. */
  const overSsh = (): Promise<Lab> => found.attach(descriptor);

  beforeAll(async () => {
    provider = await providerKind('containers').open(await testImages());
    const topology = { ...FOREIGN_TOPOLOGY, hosts: FOREIGN_TOPOLOGY.hosts.slice(0, 2) };
    const options = { provider, runId, folder, progress: silentProgress, way: 'lab' as const };
    ({ lab: outside } = await makeForeignHosts(topology, options));
    const ssh = { config: join(folder, 'ssh_config') };
    const { hosts, observer, ...plan } = outside.descriptor.topology;
    descriptor = {
      ...outside.descriptor,
      provider: found.name,
      topology: { ...plan, hosts: hosts.map((host) => ({ ...host, ssh })), observer: { ...observer, ssh } },
    };
  });
  afterAll(async () => {
    await provider.destroy(runId);
    rmSync(folder, { recursive: true });
  });

  async function callOf(fault: string, given: FaultParams = {}): Promise<FaultCall> {
    const params = completeParams(faultNamed(fault), given);
    const { topology } = descriptor;
    return { lab: await overSsh(), topology, targets: [STRUCK], params, id: `${fault}-1`, limitMs: LIMIT_MS };
  }

  /** Injects, has the witnesses speak, looks, and heals. */
  async function under(fault: string, params: FaultParams, look: () => Promise<void>): Promise<void> {
    const call = await callOf(fault, params);
    const one = faultNamed(fault);
    expect(await one.unavailable?.(call)).toBeUndefined();
    try {
      await one.inject(call);
      const silent = (await one.evidence(call)).filter(({ holds }) => !holds);
      expect(silent).toEqual([]);
      await look();
    } finally {
      await one.heal({ ...call, lab: await overSsh() });
    }
    const { stdout } = await outside.host(STRUCK).run(['sh', '-c', NO_REMAINS]);
    expect(stdout).toBe('');
  }

  /** Whether it answers pings of the observer, and connections of its on another port than sshd's. */
  async function observerReaches(host: Host): Promise<string> {
    const listen = ['socat', '-u', 'OPEN:/dev/null', 'TCP4-LISTEN:7000,reuseaddr,fork'];
    const listener = await host.stream(listen);
    const script = `ping -n -q -c 1 -W 1 "$1" > /dev/null && echo ping
sleep 0.3; socat -u OPEN:/dev/null "TCP4:$1:7000,connect-timeout=1" 2> /dev/null && echo connection
true`;
    try {
      const { stdout } = await outside.observer.run(['sh', '-c', script, 'sh', host.address]);
      return stdout.trim().replace('\n', ' ');
    } finally {
      await listener.close();
    }
  }

  /** As keepalived sends it: past all rules. @returns what of three came to the observer, as tcpdump tells it */
  async function gratuitousArpHeard(host: Host): Promise<readonly string[]> {
    const { address: vip } = descriptor.topology.vip;
    const filter = `arp and arp[14:4] = arp[24:4] and src host ${vip}`;
    const capture = `timeout 4 tcpdump -n -e -l --immediate-mode -i eth0 '${filter}' 2> /dev/null`;
    const announce = `ip address add ${vip}/32 dev eth0; sleep 1.5; arping -q -U -c 3 -w 3 -I eth0 -s ${vip} ${vip}
ip address del ${vip}/32 dev eth0`;
    const [heard] = await Promise.all([
      outside.observer.run(['sh', '-c', capture], { acceptExitCodes: [0, 124] }),
      host.run(['sh', '-c', announce], { acceptExitCodes: [0, 1, 2] }),
    ]);
    return heard.stdout.split('\n').filter((line) => line !== '');
  }

  const forgetNeighbours = async (): Promise<void> => {
    await Promise.all(
      [outside.observer, outside.host(STRUCK)].map((host) => host.run(['ip', 'neigh', 'flush', 'all'])),
    );
  };

  test.each(['both', 'out', 'in'])(
    'a host that is cut off (direction %s) can be asked, and nothing else comes through',
    async (direction) => {
      const struck = outside.host(STRUCK);
      expect(await observerReaches(struck)).toBe('ping connection');
      await under('isolate-host', { direction }, async () => {
        await forgetNeighbours();
        const anew = await overSsh();
        expect((await anew.host(STRUCK).run(['hostname'])).stdout.trim()).toBe(STRUCK);
        expect(await observerReaches(struck)).toBe('');
        if (direction !== 'in') expect(await gratuitousArpHeard(struck)).toEqual([]);
      });
      expect(await observerReaches(struck)).toBe('ping connection');
      expect(await gratuitousArpHeard(struck)).not.toEqual([]);
    },
  );

  test.each([
    ['cut-link', { to: 'observer' }],
    ['cut-link', { to: OTHER }],
    ['packet-loss', { percent: 90 }],
    ['bandwidth', { rateKbit: 50 }],
  ])('%s %j leaves it as fast as it was', async (fault, params) => {
    await under(fault, params, async () => {
      const startedAt = performance.now();
      const anew = await overSsh();
      const megabyte = await anew.host(STRUCK).run(['sh', '-c', 'head -c 1000000 /dev/zero | tr "\\0" x']);
      expect(megabyte.stdout.length).toBe(1_000_000);
      // At 50 kbit/s it takes 160 s.
      expect(performance.now() - startedAt).toBeLessThan(20_000);
    });
  });

  test('a link that flaps takes it away at no time', async () => {
    await under('flap-link', { offS: 6, onS: 0.5 }, async () => {
      const anew = await overSsh();
      const ticking = 'for tick in $(seq 80); do echo $tick; sleep 0.1; done';
      const { lines } = await anew.host(STRUCK).stream(['sh', '-c', ticking]);
      let lastAt = performance.now();
      let longestMs = 0;
      let ticks = 0;
      for await (const tick of lines) {
        longestMs = Math.max(longestMs, performance.now() - lastAt);
        lastAt = performance.now();
        ticks = Number(tick);
      }
      expect(ticks).toBe(80);
      expect(longestMs).toBeLessThan(5_000);
    });
  });

  test('an interface that would take it away is not taken down', async () => {
    const refused = await faultNamed('interface-down').unavailable?.(await callOf('interface-down'));
    expect(refused).toBe(
      `${STRUCK}: SSH comes by its interface eth0, which would be gone: reach it by an address of another network (host: of its ssh: in the inventory)`,
    );
    const past = { ...(await callOf('interface-down')), lab: outside };
    expect(await faultNamed('interface-down').unavailable?.(past)).toBeUndefined();
  });
});
