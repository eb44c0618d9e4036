// The seed's chapter on network failure: the holder's cable is out, and it does not know.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When the master that holds the VIP is cut off from every other host, another one takes the VIP over within the VRRP ' +
    'budget, clients reach the API there, and after the cut one master alone holds it again.',
  needs: ['vrrp'],
  checks: [
    'vip-moved-within-budget',
    'api-outage-within-budget',
    'one-holder-afterwards',
    'nodes-ready-afterwards',
  ],
  async body({ inject, observe, steadyAgain, vipHolder, vipLeaves }) {
    const holder = await vipHolder();
    const cut = await inject('isolate-host', holder);
    await vipLeaves(holder, 15_000);
    await observe(8_000);
    await cut.heal();
    await steadyAgain(90_000);
  },
});
