// The external etcd on its hosts, verified as the seed does: with `etcdctl member list`, and with a health check of each.
import { waitFor } from '../../core/wait.ts';
import { onEach, plannedHosts, type ClusterContext } from '../context.ts';
import { etcdEndpoints, etcdMemberName } from '../etcd.ts';

/** systemd.resource-control(5), CPUWeight: ten times what is usual, against the pods of a node and beside its kubelet. */
const CPU_WEIGHT = 1_000;
const START = `systemctl set-property etcd.service CPUWeight=${CPU_WEIGHT}
systemctl set-property system.slice CPUWeight=${CPU_WEIGHT}
systemctl enable --quiet etcd
systemctl start --no-block etcd`;

export async function startEtcd(context: ClusterContext, signal: AbortSignal): Promise<void> {
  // Not waited for one by one: a member is only up when the majority is.
  await onEach(context, plannedHosts(context, 'etcd'), async ({ host }) => {
    await host.run(['sh', '-euc', START], { signal });
  });
  await verifyEtcd(context, signal);
}

async function verifyEtcd(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const members = plannedHosts(context, 'etcd');
  const first = members[0];
  if (!first) throw new Error(`topology ${context.topology.name} has no etcd host`);
  const endpoints = `--endpoints=${etcdEndpoints(context.topology).join(',')}`;
  const command = `ETCDCTL_API=3 etcdctl ${endpoints} endpoint health && ETCDCTL_API=3 etcdctl ${endpoints} member list`;
  await waitFor(
    'etcd members started and healthy',
    { timeoutMs: 40_000, intervalMs: 300, signal },
    async () => {
      const { stdout } = await first.host.run(['sh', '-c', command], { timeoutMs: 10_000, signal });
      const missing = members.filter(({ plan }) => !stdout.includes(`started, ${etcdMemberName(plan)}`));
      return missing.length === 0
        ? { done: undefined }
        : {
            missing: `${missing.map(({ plan }) => etcdMemberName(plan)).join(', ')} not started in:\n${stdout}`,
          };
    },
  );
}
