// A grey failure: the apiserver is there, accepts connections, and says nothing. Only a check with a limit notices.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When the apiserver on the master that holds the VIP hangs, the check script runs into its own limit and drives the ' +
    'VIP to a master whose apiserver serves.',
  needs: ['vrrp'],
  checks: [
    'vip-moved-within-budget',
    'api-outage-within-budget',
    'one-holder-afterwards',
    'nodes-ready-afterwards',
  ],
  async body({ inject, observe, steadyAgain, vipHolder, vipLeaves }) {
    const holder = await vipHolder();
    const hung = await inject('pause-process', holder, { process: 'kube-apiserver' });
    await vipLeaves(holder, 15_000);
    await observe(4_000);
    await hung.heal();
    await steadyAgain(90_000);
  },
});
