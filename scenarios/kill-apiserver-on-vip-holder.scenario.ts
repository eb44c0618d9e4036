// The check script of keepalived at its work: the apiserver beside it is gone, so the VIP has to go.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When the apiserver dies on the master that holds the VIP and stays away, the check script drives the VIP to a master ' +
    'whose apiserver serves, within its interval and the VRRP budget.',
  needs: ['vrrp'],
  checks: [
    'vip-moved-within-budget',
    'api-outage-within-budget',
    'one-holder-afterwards',
    'nodes-ready-afterwards',
  ],
  async body({ inject, observe, steadyAgain, vipHolder, vipLeaves }) {
    const holder = await vipHolder();
    const dead = await inject('kill-process', holder, { process: 'kube-apiserver', stays: true });
    await vipLeaves(holder, 15_000);
    await observe(4_000);
    await dead.heal();
    await steadyAgain(90_000);
  },
});
