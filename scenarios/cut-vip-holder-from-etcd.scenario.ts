// The apiserver beside the VIP runs and has nothing to say: its store is out of reach.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When the master that holds the VIP cannot reach etcd, its health check fails and the VIP goes to a master that can.',
  needs: ['vrrp'],
  checks: ['vip-moved-within-budget', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain, vipHolder, vipLeaves }) {
    const holder = await vipHolder();
    const cut = await inject('cut-link', holder, { to: 'etcd' });
    await vipLeaves(holder, 20_000);
    await observe(6_000);
    await cut.heal();
    await steadyAgain(90_000);
  },
});
