// The control plane is gone, and the workload does not need it.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When all masters lose power, the API is gone and the workload on the nodes goes on serving; when the masters are back, ' +
    'the control plane is whole again without a hand.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  bodyTimeoutMs: 240_000,
  losesQuorum: true,
  async body({ inject, observe, steadyAgain }) {
    const cut = await inject('power-off', 'masters');
    await observe(10_000);
    await cut.heal();
    await steadyAgain(180_000);
  },
});
