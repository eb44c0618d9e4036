// Lies told to holdfast on a real cluster. Each must turn the verdict as stated: a verdict that can be deceived is worth
// nothing. The first part deceives while a scenario runs; the second falsifies the record of an honest run.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentProgress } from '../../harness/core/progress.ts';
import type { Lab } from '../../harness/core/provider.ts';
import type { ScenarioResult } from '../../harness/core/result.ts';
import type { Verdict } from '../../harness/core/verdict.ts';
import { loadTopology } from '../../harness/cluster/topology.ts';
import { DEFAULT_PROFILE } from '../../harness/profiles/index.ts';
import { ContainersProvider } from '../../harness/providers/containers.ts';
import { makeCluster } from '../../harness/run/lab.ts';
import powerOffVipHolder from '../../scenarios/power-off-vip-holder.scenario.ts';
import { perform, type Deceived, type Lie } from './deceived.ts';
import { FALSIFICATIONS, judgeEvents } from './falsified.ts';
import * as lies from './lies.ts';
import { testImages } from './test-images.ts';

const provider = new ContainersProvider({ docker: new Docker(), images: await testImages() });
const runId = `test-${randomUUID().slice(0, 8)}`;

/** Check → verdict, for those named. */
function verdicts(result: ScenarioResult, ...checks: readonly string[]): Record<string, Verdict | undefined> {
  return Object.fromEntries(
    checks.map((name) => [name, result.checks.find((check) => check.name === name)?.verdict]),
  );
}

describe('what holdfast makes of a lie', () => {
  let lab: Lab;

  beforeAll(async () => {
    const cluster = await makeCluster({
      provider,
      topology: loadTopology().topology,
      profile: DEFAULT_PROFILE,
      runId,
      progress: silentProgress,
      signal: AbortSignal.timeout(10 * 60_000),
      logFolder: tmpdir(),
    });
    lab = cluster.lab;
  });

  afterAll(async () => {
    await provider.destroy(runId);
  });

  const deceive = async (lie: Lie): Promise<ScenarioResult> =>
    (await perform(lab, 'power-off-vip-holder', powerOffVipHolder, lie)).result;

  describe('a run with a lie in it', () => {
    test('whose power switch does nothing is invalid', async () => {
      const result = await deceive(lies.deadPowerSwitch);
      expect(verdicts(result, 'fault-took-effect')).toEqual({ 'fault-took-effect': 'invalid' });
      expect(['invalid', 'fail']).toContain(result.verdict);
    });

    test('whose standby was stopped in secret fails, and says that something else happened', async () => {
      const result = await deceive(lies.standbyStopped);
      expect(verdicts(result, 'vip-moved-within-budget', 'only-declared-faults')).toEqual({
        'vip-moved-within-budget': 'fail',
        'only-declared-faults': 'invalid',
      });
      expect(result.verdict).toBe('fail');
    });

    test('that was tampered with in many places shows each of them', async () => {
      const result = await deceive(lies.manyHands);
      expect(
        verdicts(
          result,
          'api-outage-within-budget',
          'acknowledged-writes-kept',
          'enough-samples',
          'only-declared-faults',
          'vip-held-once',
        ),
      ).toEqual({
        'api-outage-within-budget': 'invalid',
        'acknowledged-writes-kept': 'fail',
        'enough-samples': 'inconclusive',
        'only-declared-faults': 'invalid',
        'vip-held-once': 'fail',
      });
      expect(result.writes).toMatchObject({ lost: { length: 1 }, duplicated: { length: 1 } });
      expect(result).toMatchObject({ verdict: 'fail', cleanliness: 'dirty' });
    });
  });

  describe('an honest run', () => {
    let honest: Deceived;

    beforeAll(async () => {
      honest = await perform(lab, 'power-off-vip-holder', powerOffVipHolder);
    });

    test('passes', () => {
      const { checks, cleanliness, verdict } = honest.result;
      expect(checks.filter((check) => check.verdict !== 'pass')).toEqual([]);
      expect({ verdict, cleanliness }).toEqual({ verdict: 'pass', cleanliness: 'clean' });
    });

    test.each(FALSIFICATIONS)('of which $lie is not believed', ({ falsify, check, verdict, cleanliness }) => {
      const result = judgeEvents(falsify([...honest.events]));
      if (check !== undefined) expect(verdicts(result, check)).toEqual({ [check]: verdict });
      if (verdict !== undefined) expect(result.verdict).not.toBe('pass');
      if (cleanliness !== undefined) expect(result.cleanliness).toBe(cleanliness);
    });
  });
});
