// Maintenance: the holder is rebooted in good order, and nobody prepared it.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When the master that holds the VIP is rebooted in good order, its keepalived says goodbye, another master has the VIP ' +
    'at once, and the first is a Ready member again after its boot.',
  needs: ['vrrp'],
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain, vipHolder, vipLeaves }) {
    const holder = await vipHolder();
    const rebooting = await inject('reboot', holder);
    await vipLeaves(holder, 15_000);
    await observe(3_000);
    await rebooting.heal();
    await steadyAgain(120_000);
  },
});
