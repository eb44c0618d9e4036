// The seed's operating rule by hand: keepalived is stopped in good order, and says goodbye.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When keepalived is stopped in good order on the master that holds the VIP, another master has the VIP within its skew ' +
    'time, without waiting for missed adverts.',
  needs: ['vrrp'],
  checks: ['vip-moved-within-budget', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain, vipHolder, vipLeaves }) {
    const holder = await vipHolder();
    const stopped = await inject('stop-process', holder, { process: 'keepalived' });
    await vipLeaves(holder, 10_000);
    await observe(5_000);
    await stopped.heal();
    await steadyAgain(60_000);
  },
});
