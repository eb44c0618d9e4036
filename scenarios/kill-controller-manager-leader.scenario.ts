// Leader election at its work: the controller-manager that leads dies without giving its lease back.
import { scenario } from '../harness/index.ts';

const LEASE = 'kube-controller-manager';

export default scenario({
  hypothesis:
    'When the controller-manager that leads dies and stays away, another one leads after its lease of 15 s has run out, ' +
    'and neither the API nor the workload notices.',
  checks: ['demands-kept', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ cluster, demand, hosts, inject, observe, steadyAgain }) {
    const [leader = ''] = await hosts('controller-manager-leader');
    const dead = await inject('kill-process', leader, { process: LEASE, stays: true });
    // A look of at most 4.4 s, the lease, one more look (client-go, leaderelection).
    await demand('another controller-manager leads', 25_000, async () => {
      const holder = await cluster.leaseHolder(LEASE);
      return holder === leader || holder === undefined ? `the lease is ${holder ?? 'nobody'}'s` : undefined;
    });
    await observe(3_000);
    await dead.heal();
    await steadyAgain(60_000);
  },
});
