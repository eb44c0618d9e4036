// Whatever comes: faults at random, overlapping, for as long as --for says. The same seed, the same faults at the same times.
import { performSchedule, scenario, soakSchedule } from '../harness/index.ts';

const DURATION_MS = 60_000;
type Choices = Parameters<typeof soakSchedule>[0];

function dead(process: string, on: readonly string[]): Choices[number] {
  return { fault: 'kill-process', params: { process, stays: true }, on };
}

/** @param members whose etcd may die */
function choices(masters: readonly string[], nodes: readonly string[], members: readonly string[]): Choices {
  return [
    dead('kubelet', [...masters, ...nodes]),
    dead('kube-apiserver', masters),
    dead('kube-controller-manager', masters),
    dead('kube-scheduler', masters),
    dead('etcd', members),
    { fault: 'stop-process', params: { process: 'keepalived' }, on: masters },
    { fault: 'pause-process', params: { process: 'kube-apiserver' }, on: masters },
    { fault: 'isolate-host', on: masters },
    { fault: 'drop-vrrp', on: masters },
    { fault: 'freeze', on: masters },
    { fault: 'power-off', on: [...masters, ...nodes] },
  ];
}

export default scenario({
  hypothesis:
    'Under faults that come at random and overlap, what must not fail does not, nothing acknowledged is lost, and when the ' +
    'last is healed the cluster is whole again without a hand.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  losesQuorum: true,
  needs: ['vrrp'],
  async body({ cluster, durationMs = DURATION_MS, hosts, inject, note, observe, random, steadyAgain }) {
    const [masters, nodes] = [await hosts('masters'), await hosts('nodes')];
    // Elsewhere etcd may stand on other hosts than on the nodes.
    const members = cluster.topology.found
      ? cluster.topology.hosts.filter(({ roles }) => roles.includes('etcd')).map(({ name }) => name)
      : nodes;
    const plan = soakSchedule(choices(masters, nodes, members), { durationMs, random });
    await performSchedule({ inject, note, observe }, plan);
    await steadyAgain(150_000);
  },
  bodyTimeoutMs: 270_000,
});
