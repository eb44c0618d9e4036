// A bad cable: the link is there, and gone, and there.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    "When the holder's link comes and goes, the VIP may follow it, but one master alone holds it when the link is good again.",
  needs: ['vrrp'],
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain }) {
    const flapping = await inject('flap-link', 'vip-holder');
    await observe(20_000);
    await flapping.heal();
    await steadyAgain(90_000);
  },
});
