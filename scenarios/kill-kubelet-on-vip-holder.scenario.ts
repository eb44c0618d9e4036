// The seed's chapter on process failure: kubelet dies on a master. With the guard on, its rule is kept by machine.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When kubelet dies on the master that holds the VIP, its static pods go on serving: the VIP leaves only where a guard ' +
    'keeps the rule to stop keepalived then, and the API is never away for longer than that takes.',
  needs: ['vrrp'],
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain }) {
    const dead = await inject('kill-process', 'vip-holder', { process: 'kubelet', stays: true });
    await observe(15_000);
    await dead.heal();
    await steadyAgain(90_000);
  },
});
