// The seed's chapter on node failure: a master dies, nothing is to be done by hand, the VIP moves on.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When the master that holds the VIP loses power, another master takes the VIP within the VRRP budget, ' +
    'clients reach the API again at once, and the master is a Ready member again when its power is back.',
  needs: ['vrrp'],
  checks: [
    'vip-moved-within-budget',
    'api-outage-within-budget',
    'one-holder-afterwards',
    'nodes-ready-afterwards',
  ],
  async body({ inject, observe, steadyAgain, vipHolder, vipLeaves }) {
    const holder = await vipHolder();
    const cut = await inject('power-off', holder);
    await vipLeaves(holder, 15_000);
    await observe(4_000);
    await cut.heal();
    await steadyAgain(120_000);
  },
});
