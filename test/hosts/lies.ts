// Lies told while a scenario runs: to the harness by a host or a switch, or by a hand that nobody declared.
import type { Host } from '../../harness/core/host.ts';
import type { Lab } from '../../harness/core/provider.ts';
import type { Stage } from '../../harness/scenario/definition.ts';
import type { Lie } from './deceived.ts';

/** The switch says yes and cuts nothing. */
export const deadPowerSwitch: Lie = {
  lab: (lab) => ({
    ...bound(lab),
    power: (name) => {
      const honest = lab.power(name);
      return {
        on: () => honest.on(),
        state: () => honest.state(),
        shutDown: () => honest.shutDown(),
        reboot: () => honest.reboot(),
        freeze: () => honest.freeze(),
        thaw: () => honest.thaw(),
        off: () => Promise.resolve(),
      };
    },
  }),
  body:
    () =>
    async ({ inject, observe, vipHolder }) => {
      const cut = await inject('power-off', await vipHolder());
      await observe(4_000);
      await cut.heal();
    },
};

/** keepalived of the master that must take over is stopped in secret, and started again at the end. */
export const standbyStopped: Lie = {
  body: (honest) => async (stage) => {
    const [, standby] = stage.cluster.masters;
    if (!standby) throw new Error('no standby master');
    await standby.run(['systemctl', 'stop', 'keepalived']);
    const { steadyAgain } = stage;
    try {
      await honest({
        ...stage,
        steadyAgain: async (timeoutMs) => {
          await standby.run(['systemctl', 'start', 'keepalived']);
          await steadyAgain(timeoutMs);
        },
      });
    } finally {
      await standby.run(['systemctl', 'start', 'keepalived']);
    }
  },
};

/**
 * One series asks another host than it says, the prober stands still for a while, a record of the ledger is deleted and
 * one is written twice, a second master carries the VIP, a host's process is killed for want of memory, and a firewall
 * rule of ours stays behind.
 */
export const manyHands: Lie = {
  lab: (lab) => {
    const { address: vip } = lab.descriptor.topology.vip;
    const [, , wrong] = lab.hosts;
    if (!wrong) throw new Error('no third master');
    const misdirect = (text: string): string => misdirectSeries(text, 'api-vip-new', vip, wrong.address);
    return { ...bound(lab), observer: withWrites(lab.observer, misdirect) };
  },
  body: (honest) => async (stage) => {
    const { cluster, observe } = stage;
    const [, , third] = cluster.masters;
    const node = cluster.lab.hosts.at(-1);
    if (!third || !node) throw new Error('no third master or no node');
    await freezeProber(cluster.lab.observer);
    await tamperWithLedger(stage);
    await runOutOfMemory(node);
    await carryVipTwice(third, cluster.topology.vip.address, observe);
    await third.run(['iptables', '-w', '-N', 'holdfast-left-behind']);
    await honest(stage);
  },
};

async function freezeProber(observer: Host): Promise<void> {
  const script = 'pkill -STOP -f "^node .*prober.mjs"; sleep 1.5; pkill -CONT -f "^node .*prober.mjs"';
  await observer.run(['sh', '-c', script]);
}

async function tamperWithLedger({ cluster }: Stage): Promise<void> {
  const path = '/api/v1/namespaces/holdfast/configmaps';
  const { body } = await cluster.request('GET', `${path}?labelSelector=holdfast.ledger&limit=2`);
  const { items } = JSON.parse(body) as { items: { metadata: { name: string; labels: object } }[] };
  const [first, second] = items;
  if (!first || !second) throw new Error(`the ledger holds no two records: ${body.slice(0, 200)}`);
  await cluster.request('DELETE', `${path}/${first.metadata.name}`);
  const { labels } = second.metadata;
  const copy = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'ledger-copy-', labels } };
  const { status } = await cluster.request('POST', path, copy);
  if (status !== 201) throw new Error(`the copy was not written: HTTP ${status}`);
}

/** In a control group of its own with little memory, so that nothing else of the host is hit. */
async function runOutOfMemory(host: Host): Promise<void> {
  const script = `
root=/sys/fs/cgroup/memory limit=memory.limit_in_bytes
[ -d $root ] || root=/sys/fs/cgroup limit=memory.max
mkdir $root/hungry
echo 20M > $root/hungry/$limit
sh -c 'echo $$ > '$root'/hungry/cgroup.procs; head -c 200M /dev/zero | tail > /dev/null'`;
  await host.run(['sh', '-c', script], { acceptExitCodes: [1, 137] });
}

async function carryVipTwice(host: Host, vip: string, observe: Stage['observe']): Promise<void> {
  await host.run(['ip', 'address', 'add', `${vip}/32`, 'dev', 'eth0']);
  await observe(2_500);
  await host.run(['ip', 'address', 'del', `${vip}/32`, 'dev', 'eth0']);
}

/** Rewrites one series' URL in the prober's configuration line; other lines pass as they are. */
function misdirectSeries(text: string, series: string, from: string, to: string): string {
  if (!text.startsWith('{')) return text;
  const config = JSON.parse(text) as { probes: { name: string; url: string }[] };
  const probes = config.probes.map((probe) =>
    probe.name === series ? { ...probe, url: probe.url.replace(from, to) } : probe,
  );
  return `${JSON.stringify({ ...config, probes })}\n`;
}

function withWrites(host: Host, rewrite: (text: string) => string): Host {
  return {
    name: host.name,
    address: host.address,
    run: (argv, options) => host.run(argv, options),
    upload: (path, content, options) => host.upload(path, content, options),
    download: (path) => host.download(path),
    dial: (address, port) => host.dial(address, port),
    stream: async (argv, options) => {
      const stream = await host.stream(argv, options);
      const { lines, done } = stream;
      return {
        lines,
        done,
        write: (text) => stream.write(rewrite(text)),
        close: () => stream.close(),
      };
    },
  };
}

/** A lab's methods as plain properties, so that some can be replaced. */
function bound(lab: Lab): Lab {
  return {
    descriptor: lab.descriptor,
    hosts: lab.hosts,
    observer: lab.observer,
    host: (name) => lab.host(name),
    power: (name) => lab.power(name),
    watchdog: lab.watchdog,
  };
}
