// A node is lost, and with it the member of etcd that the seed puts there. With two members that is the whole control plane.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When node1 loses power, the pods on the other nodes go on serving; the API goes on only where etcd keeps its quorum ' +
    'without the member on node1, which with two members it does not.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  losesQuorum: true,
  async body({ inject, observe, steadyAgain }) {
    const cut = await inject('power-off', 'node1');
    await observe(15_000);
    await cut.heal();
    await steadyAgain(150_000);
  },
});
