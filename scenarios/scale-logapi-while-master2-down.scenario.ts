// The seed's own test of elasticity: 6 to 12 to 3, while master2 is down.
import { missingOf, scenario, WORKLOAD_FIRST } from '../harness/index.ts';

export default scenario({
  hypothesis:
    'While master2 is down, logapi is scaled from 6 to 12, to 3 and back to 6 as if nothing had happened, and no request to ' +
    'it fails.',
  needs: ['workload'],
  checks: ['demands-kept', 'service-uninterrupted', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  probes: WORKLOAD_FIRST,
  besides: ['logapi is scaled to 12, to 3 and back to 6'],
  async body({ demand, inject, logapi, steadyAgain }) {
    const cut = await inject('power-off', 'master2');
    for (const replicas of [12, 3, 6]) {
      // Had master2 the leaders, others lead after 23.8 s; the pods themselves are a matter of seconds.
      await demand(`${replicas} replicas of logapi`, 45_000, async () => {
        if ((await logapi.state()).wanted !== replicas) await logapi.scaleTo(replicas);
        return missingOf(await logapi.state(), { replicas, version: 'v1' });
      });
    }
    await cut.heal();
    await steadyAgain(120_000);
  },
});
