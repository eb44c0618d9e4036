// The last of three: masters keep no quorum among themselves, and one is enough.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When the master that holds the VIP and the next in line lose power at once, the third takes the VIP over and serves alone.',
  needs: ['vrrp'],
  checks: [
    'vip-moved-within-budget',
    'api-outage-within-budget',
    'one-holder-afterwards',
    'nodes-ready-afterwards',
  ],
  losesQuorum: true,
  async body({ hosts, inject, observe, steadyAgain, vipLeaves }) {
    const [holder = '', next = ''] = await hosts('vip-holder,standby');
    const cut = await inject('power-off', `${holder},${next}`);
    await vipLeaves(holder, 15_000);
    await observe(5_000);
    await cut.heal();
    await steadyAgain(120_000);
  },
});
