// Only the adverts are lost, as behind a switch that filters multicast. All else works, and nobody sees the harm at first.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    "When only the holder's VRRP adverts are lost, a second master takes the VIP as well, for as long as that lasts, and " +
    'gives it up as soon as it hears the first again.',
  needs: ['vrrp'],
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain }) {
    const dropped = await inject('drop-vrrp', 'vip-holder');
    await observe(10_000);
    await dropped.heal();
    await steadyAgain(60_000);
  },
});
