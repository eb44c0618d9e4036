// The seed's rolling update, which it leaves empty: from v1 to v2 while master2 is down, and not one request may be lost.
import { missingOf, scenario, WORKLOAD_FIRST } from '../harness/index.ts';

export default scenario({
  hypothesis: 'While master2 is down, logapi is rolled from v1 to v2, and not a single request to it fails.',
  needs: ['workload'],
  checks: ['demands-kept', 'service-uninterrupted', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  probes: WORKLOAD_FIRST,
  besides: ['logapi is rolled to v2, and back to v1 after the scenario'],
  async body({ demand, inject, logapi, observe, steadyAgain }) {
    const cut = await inject('power-off', 'master2');
    await demand('6 replicas of logapi v2', 75_000, async () => {
      if ((await logapi.state()).version !== 'v2') await logapi.rollTo('v2');
      return missingOf(await logapi.state(), { replicas: 6, version: 'v2' });
    });
    // Pods that have ended may be listed for a minute: kubelet clears away after them when it has time.
    await demand('no pod of logapi v1 serves any more', 30_000, async () => {
      const old = (await logapi.pods()).filter(({ version, ready }) => version !== 'v2' && ready);
      return old.length === 0 ? undefined : `${old.length} pods of v1`;
    });
    await observe(2_000);
    await cut.heal();
    await steadyAgain(120_000);
  },
});
