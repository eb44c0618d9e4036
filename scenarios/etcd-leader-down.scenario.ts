// etcd's leader dies without a word: the others have to notice and to elect, if they are enough.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    "When the host of etcd's leader loses that process, the members that are left elect another one within their election " +
    'timeouts, if they are a quorum; otherwise the API is gone until it is back.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  losesQuorum: true,
  async body({ inject, observe, steadyAgain }) {
    const dead = await inject('kill-process', 'etcd-leader', { process: 'etcd', stays: true });
    await observe(12_000);
    await dead.heal();
    await steadyAgain(120_000);
  },
});
