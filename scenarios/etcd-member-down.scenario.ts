// The seed on etcd: "one member went down and was started again: no effect". Here is what it costs until it is started.
import { scenario } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'When an etcd member that does not lead is stopped, the API goes on only where the others are a quorum; a member that ' +
    'comes back with its data joins them without a hand.',
  checks: ['one-holder-afterwards', 'nodes-ready-afterwards'],
  losesQuorum: true,
  async body({ inject, observe, steadyAgain }) {
    const stopped = await inject('stop-process', 'etcd-follower', { process: 'etcd' });
    await observe(12_000);
    await stopped.heal();
    await steadyAgain(120_000);
  },
});
