// keepalived hangs: it advertises nothing, and nobody takes the address from its host.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When keepalived hangs on the master that holds the VIP, another one takes the VIP over within the VRRP budget, and two ' +
    'hosts have the address until the first goes on.',
  needs: ['vrrp'],
  checks: ['vip-moved-within-budget', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain, vipHolder, vipLeaves }) {
    const holder = await vipHolder();
    const hung = await inject('pause-process', holder, { process: 'keepalived' });
    await vipLeaves(holder, 10_000);
    await observe(6_000);
    await hung.heal();
    await steadyAgain(60_000);
  },
});
