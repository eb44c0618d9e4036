// The seed's chapter on process failure, where it must not matter: on a master that does not hold the VIP.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When kubelet dies on a standby master, no client notices anything, and the VIP stays where it is.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain }) {
    const dead = await inject('kill-process', 'standby', { process: 'kubelet', stays: true });
    await observe(12_000);
    await dead.heal();
    await steadyAgain(60_000);
  },
});
