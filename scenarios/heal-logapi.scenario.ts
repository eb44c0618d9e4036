// The seed's self-healing, which it leaves empty: a pod is deleted, a container is killed, a node is lost.
import { inWords, scenario, WORKLOAD_FIRST } from '../harness/index.ts';

const WANTED = 6;
const MAIN_PROCESS = '^node /srv/server.mjs';

export default scenario({
  hypothesis:
    'logapi is whole again by itself after a pod was deleted, after a container was killed, and, on the nodes that are ' +
    'left, after a node was lost.',
  needs: ['workload'],
  checks: ['demands-kept', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  probes: WORKLOAD_FIRST,
  besides: ['a pod of logapi is deleted', 'the main process of a container of logapi is killed on node1'],
  async body({ cluster, demand, hosts, inject, logapi, note, steadyAgain }) {
    const [pod] = (await logapi.pods()).filter(({ deleting }) => !deleting);
    await logapi.deletePod(pod?.name ?? '');
    await demand(`another pod in place of ${pod?.name ?? 'one'}`, 20_000, async () => {
      const state = await logapi.state();
      const isThere = (await logapi.pods()).some(({ name, deleting }) => name === pod?.name && !deleting);
      return state.available === WANTED && !isThere ? undefined : inWords(state);
    });

    const [node1 = '', node2 = ''] = await hosts('nodes');
    const restartsOf = async (): Promise<number> =>
      (await logapi.pods()).reduce((sum, { restarts }) => sum + restarts, 0);
    const before = await restartsOf();
    const victim = (await logapi.pods()).find(
      ({ node, ready, deleting }) => node === node1 && ready && !deleting,
    );
    await cluster.lab
      .host(node1)
      .run(['sh', '-euc', killMainProcessOf(victim?.name ?? '')], { timeoutMs: 10_000 });
    note(`the container of ${victim?.name ?? 'nobody'} was killed on ${node1}`);
    await demand('the container that was killed runs again', 30_000, async () => {
      const state = await logapi.state();
      const restarts = (await restartsOf()) - before;
      return restarts > 0 && state.available === WANTED
        ? undefined
        : `${inWords(state)}, ${restarts} restarts`;
    });

    // Its host runs on, etcd's member with it: with two members, a host that is off would take the control plane along.
    const lost = await inject('kill-process', node2, { process: 'kubelet', stays: true });
    // 40 s until the node is given up, looked at every 5 s, 10 s that logapi tolerates it, and the new pods.
    await demand(`${WANTED} pods on the nodes that are left`, 75_000, async () => {
      const there = (await logapi.pods()).filter((one) => one.node !== node2 && one.ready && !one.deleting);
      return there.length >= WANTED ? undefined : `${there.length} are ready there`;
    });
    await lost.heal();
    await steadyAgain(90_000);
  },
});

/** A pod that ends anyhow would not be started again: the one that is meant is known by its host name. */
function killMainProcessOf(pod: string): string {
  return `killed=
for pid in $(pgrep -f '${MAIN_PROCESS}'); do
  if grep -qzx 'HOSTNAME=${pod}' /proc/$pid/environ; then killed=$pid; kill -KILL $pid; fi
done
[ -n "$killed" ]`;
}
