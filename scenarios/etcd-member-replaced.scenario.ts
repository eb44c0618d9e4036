// The seed on etcd: after a member was reinstalled, delete the data of all. That would destroy the cluster; there is a way
// that does not.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When an etcd member loses its data, it is made a member again without touching the data of the others, and all that ' +
    'was acknowledged is still there.',
  needs: ['own build'],
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  losesQuorum: true,
  async body({ inject, observe, steadyAgain }) {
    const lost = await inject('etcd-data-lost', 'etcd-follower');
    await observe(8_000);
    await lost.heal();
    await steadyAgain(120_000);
  },
});
