// The seed tests its workload with this master down; here is what its loss costs by itself.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When master2, which does not hold the VIP, loses power, neither the API through the VIP nor the workload notices.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain }) {
    const cut = await inject('power-off', 'master2');
    await observe(8_000);
    await cut.heal();
    await steadyAgain(120_000);
  },
});
