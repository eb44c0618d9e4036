// The seed's chapter 3.3.7 has two ways to put kube-dns on all masters. Both are there for this moment.
import { scenario, useDns } from '../harness/index.ts';

/** The holder last: it takes every kube-proxy's watch with it, and without rules the variants cannot be exchanged. */
const LOSSES = [
  { variant: 'deployment', master: 'standby' },
  { variant: 'daemonset', master: 'vip-holder' },
] as const;

export default scenario({
  hypothesis:
    'When a master that carries a kube-dns pod loses power, whoever asks the cluster DNS again is answered by another one, ' +
    'in both variants: three replicas of a Deployment, and a DaemonSet.',
  needs: ['own build'],
  checks: ['dns-answered', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  setting: {
    prepare: (cluster) => useDns(cluster, LOSSES[0].variant),
    clear: (cluster) => useDns(cluster, cluster.topology.dns ?? 'none'),
  },
  bodyTimeoutMs: 300_000,
  besides: ['kube-dns is deployed as a Deployment, then as a DaemonSet, and afterwards as it was'],
  async body({ cluster, inject, note, observe, steadyAgain }) {
    for (const { variant, master } of LOSSES) {
      await useDns(cluster, variant);
      note(`kube-dns as a ${variant}`);
      const cut = await inject('power-off', master);
      await observe(10_000);
      await cut.heal();
      await steadyAgain(120_000);
    }
  },
});
