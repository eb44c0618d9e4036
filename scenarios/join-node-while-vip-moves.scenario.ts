// A node joins through the VIP, as in the seed's chapter 3.3.5, and the VIP moves in the middle of it.
import { forgetNode, joinNode, labelAllNodes, notReady, scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'A node that joins through the VIP is a Ready member in the end although the VIP moves to another master while it joins.',
  needs: ['own build'],
  checks: ['demands-kept', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  // Its kubelet starts its pods anew: what is asked from inside of them would tell of that.
  probes: { without: ['service-from-<node>', 'dns-from-<node>'] },
  setting: { prepare: () => Promise.resolve(), clear: labelAllNodes },
  besides: [
    'node2 is deleted from the API and joins anew with a token of its own',
    'the nodes are labelled again',
  ],
  async body({ cluster, demand, hosts, inject, observe, signal, steadyAgain, vipHolder, vipLeaves }) {
    const [, node = ''] = await hosts('nodes');
    const left = await inject('leave-cluster', node);
    await demand(`${node} is no node any more`, 0, () => forgetNode(cluster, node));

    const joining = joinNode(cluster, node, signal).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : 'it failed'),
    );
    await observe(1_500);
    const holder = await vipHolder();
    const stopped = await inject('stop-process', holder, { process: 'keepalived' });
    await vipLeaves(holder, 10_000);
    await demand(`${node} has joined`, 100_000, () => joining);
    await labelAllNodes(cluster);
    await demand(`${node} is Ready`, 40_000, () => notReady(cluster, node));
    await stopped.heal();
    await left.heal();
    await steadyAgain(90_000);
  },
});
