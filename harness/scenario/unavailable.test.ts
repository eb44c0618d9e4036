// Scenarios that cannot be done on a cluster: said at once, with the reason, and without a part in the run's verdict.
import { describe, expect, test } from 'vitest';
import { BALANCED, STACKED } from '../../fixtures/runs/found-topology.ts';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { runOf } from '../../fixtures/runs/record-of.ts';
import { judgeRun } from '../checks/judge.ts';
import { clockOriginNow, runClock } from '../core/clock.ts';
import { EnvironmentError } from '../core/errors.ts';
import type { Need } from '../core/facts.ts';
import type { JournalEvent } from '../core/record.ts';
import type { Topology } from '../core/topology.ts';
import { fakeLab } from '../hosts/fake-lab.ts';
import { executeScenario } from './execute.ts';
import { resolveTargets, type WhoIsWho } from './targets.ts';

async function executed(topology: Topology, needs: readonly Need[]): Promise<readonly JournalEvent[]> {
  const events: JournalEvent[] = [];
  await executeScenario({
    name: 'some',
    iteration: 1,
    seed: 1,
    definition: {
      hypothesis: 'It holds.',
      checks: ['one-holder-afterwards'],
      needs,
      body: () => Promise.resolve(),
    },
    lab: fakeLab(topology),
    recorder: { append: (event) => void events.push(event) },
    clock: runClock(clockOriginNow()),
    signal: new AbortController().signal,
    processes: {},
  });
  return events;
}

describe('a scenario that needs what is not there', () => {
  test.each<[Need, Topology, string]>([
    ['vrrp', BALANCED, 'not moved by keepalived'],
    ['workload', STACKED, 'logapi'],
    ['own build', STACKED, 'somebody else built'],
  ])('%s is told to be unavailable, and no host is asked anything', async (need, topology, reason) => {
    const [started, finished, ...more] = await executed(topology, [need]);
    expect(started?.type).toBe('scenario.started');
    expect(finished).toMatchObject({
      type: 'scenario.finished',
      unavailable: expect.stringContaining(reason) as string,
    });
    expect(more).toEqual([]);
  });

  test('has no part in the verdict of its run, which is none without another', async () => {
    const unavailable = (await executed(BALANCED, ['vrrp'])).map((event) => ({ ...event, atMs: 97_900 }));
    const good = goodRun();
    const end = good.findIndex(({ type }) => type === 'run.finished');
    const both = [...good.slice(0, end), ...unavailable, ...good.slice(end)].map((event) =>
      event.type === 'run.started' ? { ...event, plan: [...event.plan, 'some'] } : event,
    );
    const result = judgeRun(runOf(both));
    expect(result.scenarios.map(({ verdict, unavailable: why }) => [verdict, why !== undefined])).toEqual([
      ['pass', false],
      ['invalid', true],
    ]);
    expect([result.verdict, result.cleanliness]).toEqual(['pass', 'clean']);
    const begins = good.findIndex(({ type }) => type === 'scenario.started');
    const alone = [...good.slice(0, begins), ...unavailable, ...good.slice(end)];
    expect(judgeRun(runOf(alone)).verdict).toBe('invalid');
  });
});

test('nobody holds the VIP where it is not keepalived’s, and so every master is a standby', async () => {
  const cluster = { topology: BALANCED } as WhoIsWho;
  const asked = (target: string): Promise<readonly string[]> =>
    resolveTargets({ cluster, random: () => 0 }, target);
  await expect(asked('vip-holder')).rejects.toThrow(EnvironmentError);
  expect(await asked('standby')).toEqual(['cp-1']);
  expect(await asked('standbys')).toEqual(['cp-1', 'cp-2', 'cp-3']);
});

test('a leader whose name is no master’s is not struck', async () => {
  const cluster = {
    topology: STACKED,
    leaseHolder: () => Promise.resolve('ip-10-0-0-7'),
  } as unknown as WhoIsWho;
  const asked = resolveTargets({ cluster, random: () => 0 }, 'scheduler-leader');
  await expect(asked).rejects.toThrow('ip-10-0-0-7, which is the name of no master');
});

test('checks that need the VIP’s holder are not made where there is none to know, and that is said', () => {
  const events = goodRun().map((event) =>
    event.type === 'run.started' && BALANCED.found
      ? { ...event, topology: { ...event.topology, found: { ...BALANCED.found, hasWorkload: true } } }
      : event,
  );
  const [scenario] = judgeRun(runOf(events)).scenarios;
  const names = scenario?.checks.map(({ name }) => name);
  expect(names).toContain('outcome-as-expected');
  expect(names).not.toContain('vip-held-once');
  expect(scenario?.findings.join()).toContain(
    'Not judged: vip-held-once, because the VIP is not moved by keepalived',
  );
  expect(scenario?.vip).toMatchObject({ moves: [], noHolderMs: 0, dualHolderMs: 0 });
  const back = scenario?.decomposition?.terms.find(({ name }) => name.startsWith('first new connection'));
  expect(back).toBeDefined();
  expect(back).not.toHaveProperty('allowedMs');
});
