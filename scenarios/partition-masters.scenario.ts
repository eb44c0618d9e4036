// The masters no longer hear each other, and everyone else still reaches them all: the seed's split brain.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When the masters fall into two sides that do not hear each other, each side elects a holder of the VIP, and one alone ' +
    'holds it again when they are together.',
  needs: ['vrrp'],
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  async body({ inject, observe, steadyAgain }) {
    const cut = await inject('partition', 'masters');
    await observe(12_000);
    await cut.heal();
    await steadyAgain(90_000);
  },
});
