// What holdfast promises of a cluster that it did not make, on real hosts: what is refused there, and how soon a condition
// that is met heals everything.
import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../../harness/cluster/cluster.ts';
import { attemptSteadyState } from '../../harness/cluster/steady.ts';
import { loadTopology } from '../../harness/cluster/topology.ts';
import { clockOriginNow, runClock } from '../../harness/core/clock.ts';
import { EnvironmentError, UsageError } from '../../harness/core/errors.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import type { Lab } from '../../harness/core/provider.ts';
import type { JournalEvent } from '../../harness/core/record.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { standingOn } from '../../harness/faults/on-host.ts';
import { DEFAULT_PROFILE } from '../../harness/profiles/index.ts';
import { ContainersProvider } from '../../harness/providers/containers.ts';
import { makeCluster } from '../../harness/run/lab.ts';
import type { SafetyPolicy } from '../../harness/safety/policy.ts';
import type { ScenarioDefinition } from '../../harness/scenario/definition.ts';
import { executeScenario } from '../../harness/scenario/execute.ts';
import { Injections } from '../../harness/scenario/injections.ts';
import { requireHealthy } from '../../harness/scenario/safeguard.ts';
import { testImages } from './test-images.ts';

const provider = new ContainersProvider({ docker: new Docker(), images: await testImages() });
const runId = `test-${randomUUID().slice(0, 8)}`;
const NODE = '10-10-103-96.node';
/** Of the seed's two members of etcd none can be spared: whatever strikes a node costs its quorum. */
const CONSENT: SafetyPolicy = { yesBreak: 'seed', allowQuorumLoss: true };
const AN_HOUR_MS = 3_600_000;
/** From the moment at which a condition is met until healing has begun: nothing is waited for in between. */
const AT_ONCE_MS = 1_000;

/** The same hosts, as if somebody else had made them. */
function asSomebodys(lab: Lab): Lab {
  return {
    descriptor: { ...lab.descriptor, provider: 'inventory' },
    hosts: lab.hosts,
    observer: lab.observer,
    host: (name) => lab.host(name),
    power: (name) => lab.power(name),
    watchdog: lab.watchdog,
  };
}

interface Recording {
  readonly events: JournalEvent[];
  readonly injections: Injections;
}

function recording(lab: Lab, policy: SafetyPolicy): Recording {
  const events: JournalEvent[] = [];
  const recorder = { append: (event: JournalEvent): void => void events.push(event) };
  const injections = new Injections(lab, recorder, runClock(clockOriginNow()), { policy, losesQuorum: true });
  return { events, injections };
}

describe("a cluster that is somebody's", () => {
  let lab: Lab;
  let theirs: Lab;

  const shell = async (script: string, host = NODE): Promise<string> =>
    (await lab.host(host).run(['sh', '-eu', '-c', script])).stdout.trim();

  /** Tries to isolate the node; what it is refused with, and that nothing stands there. */
  const refused = async (policy: SafetyPolicy): Promise<Error> => {
    const { events, injections } = recording(theirs, policy);
    const wanted = { kind: 'isolate-host', targets: [NODE], params: {}, limitMs: AN_HOUR_MS };
    const error = await injections.inject(wanted).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await injections.healAll();
    expect(events.map(({ type }) => type)).toEqual(['fault.refused']);
    if (!(error instanceof Error)) throw new Error('it was not refused');
    return error;
  };

  beforeAll(async () => {
    const { topology } = loadTopology();
    const signal = new AbortController().signal;
    const profile = DEFAULT_PROFILE;
    const options = { provider, topology, profile, runId, progress: silentProgress, signal };
    ({ lab } = await makeCluster({ ...options, logFolder: `/tmp/holdfast-${runId}` }));
    theirs = asSomebodys(lab);
  }, 600_000);

  afterAll(async () => {
    await provider.destroy(runId);
  }, 120_000);

  test('is not touched before its name was said', async () => {
    expect(await refused({})).toBeInstanceOf(UsageError);
    expect(await refused({ yesBreak: 'sed' })).toBeInstanceOf(UsageError);
    expect((await refused({ yesBreak: 'seed' })).message).toContain('etcd would lose its quorum');
    expect(await standingOn(lab.host(NODE))).toEqual([]);
  });

  test('is broken and healed with it, and the trial of the timer leaves nothing', async () => {
    const { events, injections } = recording(theirs, CONSENT);
    const wanted = { kind: 'isolate-host', targets: [NODE], params: {}, limitMs: AN_HOUR_MS };
    await injections.inject(wanted);
    expect(await standingOn(lab.host(NODE))).toHaveLength(1);
    expect(await injections.healAll()).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual([
      'fault.prepared',
      'fault.injected',
      'fault.evidence',
      'fault.healed',
    ]);
    expect(await shell('ls -d /run/holdfast-timer* 2> /dev/null || true')).toBe('');
    expect(await shell("systemctl list-units --all --no-legend 'holdfast-timer-check*'")).toBe('');
  }, 60_000);

  test.each([
    [
      'there is no systemd-run',
      'mv /usr/bin/systemd-run /usr/bin/systemd-run.kept',
      /systemd-run.*not found/,
    ],
    [
      'systemd-run arms nothing',
      "mv /usr/bin/systemd-run /usr/bin/systemd-run.kept; printf '#!/bin/sh\\n' > /usr/bin/systemd-run; chmod +x /usr/bin/systemd-run",
      /did not run within 8 s/,
    ],
    ['there is no flock', 'mv /usr/bin/flock /usr/bin/flock.kept', /has no flock/],
  ])(
    'refuses a fault on a host where %s',
    async (_what, spoil, reason) => {
      await shell(spoil);
      try {
        const error = await refused(CONSENT);
        expect(error).toBeInstanceOf(EnvironmentError);
        expect(error.message).toMatch(/^isolate-host on .* is refused: .* could not undo it by itself: /);
        expect(error.message).toMatch(reason);
        expect(await standingOn(lab.host(NODE))).toEqual([]);
      } finally {
        await shell('for kept in /usr/bin/*.kept; do mv -f $kept ${kept%.kept}; done');
      }
    },
    60_000,
  );

  test('refuses a fault while somebody else’s stands on another host', async () => {
    const other = '10-10-102-93.master';
    await shell(
      'mkdir -p /var/lib/holdfast/undo; echo true > /var/lib/holdfast/undo/delay-0badcafe.sh',
      other,
    );
    try {
      expect((await refused(CONSENT)).message).toContain(`${other} holds the undo of delay-0badcafe`);
    } finally {
      await shell('rm /var/lib/holdfast/undo/delay-0badcafe.sh', other);
    }
  });

  test('is not broken further by hand while it is not healthy', async () => {
    const master = '10-10-102-92.master';
    const cluster = await Cluster.attach(theirs);
    const steady = (): Promise<unknown> =>
      waitFor('steady state', { timeoutMs: 120_000, intervalMs: 1_000 }, () => attemptSteadyState(cluster));
    try {
      await steady();
      await requireHealthy(cluster);
      await shell('systemctl stop keepalived', master);
      await expect(requireHealthy(cluster)).rejects.toThrow(
        `seed is not healthy now: keepalived runs on every master: no, not on ${master}`,
      );
    } finally {
      await shell('systemctl start keepalived', master);
      await steady();
      cluster.close();
    }
  }, 300_000);

  test('is healed at once when a condition is met, whatever the body does', async () => {
    const events: JournalEvent[] = [];
    let late: unknown;
    const definition: ScenarioDefinition = {
      hypothesis: 'etcd goes on with one member of two, which it does not',
      checks: [],
      losesQuorum: true,
      async body({ inject }) {
        await inject('stop-process', NODE, { process: 'etcd' });
        // Deaf to the signal, and not done yet.
        await new Promise((resolve) => setTimeout(resolve, 15_000));
        late = await inject('isolate-host', NODE).catch((thrown: unknown) => thrown);
      },
    };
    await executeScenario({
      name: 'deaf',
      iteration: 1,
      seed: 1,
      definition,
      lab: theirs,
      safety: { ...CONSENT, abortWhen: ['api down 2s'] },
      recorder: { append: (event) => void events.push(event) },
      clock: runClock(clockOriginNow()),
      signal: new AbortController().signal,
      processes: { test: process.pid },
    });
    const abort = events.find((event) => event.type === 'safety.abort');
    const healed = events.find((event) => event.type === 'fault.healed');
    expect(abort).toMatchObject({ condition: 'api down 2s' });
    expect((healed?.fromMs ?? Infinity) - (abort?.atMs ?? 0)).toBeLessThan(AT_ONCE_MS);
    expect(events.at(-1)).toMatchObject({
      error: expect.stringContaining('stopped by --abort-when') as string,
    });
    await expect
      .poll(() => late, { timeout: 20_000 })
      .toMatchObject({
        message: 'isolate-host comes too late: everything is healed already',
      });
    expect(await standingOn(lab.host(NODE))).toEqual([]);
  }, 300_000);
});
