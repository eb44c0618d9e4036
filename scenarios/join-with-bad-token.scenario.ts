// What proves that a host may join was never true, or is no longer: the seed keeps the token of its kubeadm init (3.3.2), which ends.
import {
  expiredToken,
  forgetNode,
  hasIdentity,
  joinNode,
  joinRefusal,
  labelAllNodes,
  notReady,
  randomToken,
  scenario,
} from '../harness/index.ts';

export default scenario({
  hypothesis:
    'A node that would join with a token which was never issued, or has expired, is refused, told why and left as it was; with ' +
    'a good one it joins.',
  needs: ['own build'],
  checks: ['demands-kept', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  // Its kubelet starts its pods anew: what is asked from inside of them would tell of that.
  probes: { without: ['service-from-<node>', 'dns-from-<node>'] },
  setting: { prepare: () => Promise.resolve(), clear: labelAllNodes },
  besides: [
    'node2 is deleted from the API, is refused twice and joins anew',
    'a bootstrap token is made and expires',
    'the nodes are labelled again',
  ],
  async body({ cluster, demand, hosts, inject, signal, steadyAgain }) {
    const [, node = ''] = await hosts('nodes');
    const left = await inject('leave-cluster', node);
    await demand(`${node} is no node any more`, 0, () => forgetNode(cluster, node));
    const bad = { 'was never issued': randomToken(), 'has expired': await expiredToken(cluster, signal) };
    for (const [what, token] of Object.entries(bad)) {
      const refusal = await joinRefusal(cluster, node, token, signal);
      await demand(`a token that ${what} is refused by its id`, 0, () =>
        Promise.resolve(
          refusal?.includes(`token ID "${token.slice(0, 6)}"`) ? undefined : (refusal ?? 'it joined'),
        ),
      );
      await demand(`${node} is left without an identity`, 0, async () =>
        (await hasIdentity(cluster, node)) ? 'it has one' : undefined,
      );
    }
    await joinNode(cluster, node, signal);
    await labelAllNodes(cluster);
    await demand(`${node} is Ready with a good token`, 40_000, () => notReady(cluster, node));
    await left.heal();
    await steadyAgain(90_000);
  },
});
