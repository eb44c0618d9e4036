// A network failure that must not matter: the master that is cut off has no clients.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When a standby master is cut off, no client of the API notices, also when the lonely master takes the VIP for itself.',
  needs: ['vrrp'],
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain }) {
    const cut = await inject('isolate-host', 'standby');
    await observe(12_000);
    await cut.heal();
    await steadyAgain(90_000);
  },
});
