// The worst night: everything is dark, and comes back in no order.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When every host of the cluster loses power at once and all are switched on again, the cluster is whole again without ' +
    'a hand, and nothing that was acknowledged is lost.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  bodyTimeoutMs: 270_000,
  losesQuorum: true,
  async body({ inject, observe, steadyAgain }) {
    const dark = await inject('power-off', 'all');
    await observe(3_000);
    await dark.heal();
    await steadyAgain(210_000);
  },
});
