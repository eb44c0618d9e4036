import { describe, expect, it } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { UsageError } from '../core/errors.ts';
import type { JournalEvent, ProbeDefinition } from '../core/record.ts';
import { AbortConditions, neverSeen, parseAbortCondition } from './abort-when.ts';

const { topology } = loadTopology();

describe('--abort-when', () => {
  it.each([
    ['api down 60s', { subject: 'api', durationMs: 60_000 }],
    [' API  down 1.5m ', { subject: 'api', durationMs: 90_000, text: 'api down 1.5m' }],
    ['vip lost 20s', { subject: 'vip', durationMs: 20_000 }],
    ['etcd unhealthy 30s', { subject: 'etcd', durationMs: 30_000 }],
    ['2 nodes not ready 90s', { subject: 'nodes', least: 2, durationMs: 90_000 }],
    ['1 node not ready 90s', { subject: 'nodes', least: 1 }],
  ])('understands %j', (text, condition) => {
    expect(parseAbortCondition(text)).toMatchObject(condition);
  });

  it.each([
    '',
    'api',
    'api down',
    'api down soon',
    'api down 60',
    '2 api down 60s',
    'nodes not ready 9s',
    '0 nodes not ready 9s',
  ])('refuses %j and shows what can be said', (text) => {
    expect(() => parseAbortCondition(text)).toThrow(UsageError);
    expect(() => parseAbortCondition(text)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('"api down 60s"') as string }) as Error,
    );
  });

  it('refuses a time within which nothing can be told', () => {
    expect(() => parseAbortCondition('api down 500ms')).toThrow('too short');
  });

  it('knows what can never be seen', () => {
    const other = { ...FOUND, vip: { by: 'other' } as const };
    const vip = parseAbortCondition('vip lost 5s');
    expect(neverSeen(vip, topology)).toBeUndefined();
    expect(neverSeen(vip, { ...topology, found: other })).toContain('cannot be seen');
    expect(neverSeen(parseAbortCondition('6 nodes not ready 5s'), topology)).toContain('5 nodes');
    expect(neverSeen(parseAbortCondition('5 nodes not ready 5s'), topology)).toBeUndefined();
  });
});

const FOUND = {
  kubernetesVersion: 'v1.29.0',
  apiPort: 6443,
  etcd: { supervisor: 'static-pod' },
  runtime: 'containerd',
  hasWorkload: false,
} as const;

function series(name: string, capability: ProbeDefinition['capability']): ProbeDefinition {
  return { name, capability, kind: 'https', url: '', connection: 'new', intervalMs: 100, timeoutMs: 1_000 };
}

const STARTED: JournalEvent = {
  type: 'probes.started',
  atMs: 1_000,
  probes: [series('api-vip-new', 'api'), series('api-vip-reused', 'api'), series('etcd-a', 'etcd')],
};

function sample(probe: string, atMs: number, ok: boolean, durationMs = 10): JournalEvent {
  return { type: 'sample', probe, atMs, ok, durationMs, lateMs: 0 };
}

function watching(text: string, ...events: readonly JournalEvent[]): AbortConditions {
  const conditions = new AbortConditions([parseAbortCondition(text)]);
  for (const event of events) conditions.see(event);
  return conditions;
}

describe('the API', () => {
  it('is down since its last good answer, whichever series had it', () => {
    const conditions = watching(
      'api down 3s',
      STARTED,
      sample('api-vip-new', 2_000, false),
      sample('api-vip-reused', 2_500, true),
      sample('api-vip-reused', 2_600, false),
    );
    expect(conditions.met(5_509)).toBeUndefined();
    expect(conditions.met(5_510)).toMatchObject({
      condition: 'api down 3s',
      sinceMs: 2_510,
      detail: expect.stringContaining('no series that asks the API through the VIP') as string,
    });
  });

  it('is not down again for a failure that began before the last answer and was written down after it', () => {
    const conditions = watching(
      'api down 3s',
      STARTED,
      sample('api-vip-new', 9_000, true),
      sample('api-vip-new', 3_000, false, 6_000),
      sample('api-vip-new', 8_000, true),
    );
    expect(conditions.met(12_009)).toBeUndefined();
    expect(conditions.met(12_010)?.sinceMs).toBe(9_010);
  });

  it('counts silence: probes that tell nothing any more are no good answer', () => {
    expect(watching('api down 3s', STARTED).met(4_000)).toMatchObject({ sinceMs: 1_000 });
    expect(watching('api down 3s').met(1e9)).toBeUndefined();
  });

  it('is told by its own series alone', () => {
    const conditions = watching('api down 3s', STARTED, sample('etcd-a', 4_500, true));
    expect(conditions.met(4_600)).toBeDefined();
    expect(watching('etcd unhealthy 3s', STARTED, sample('etcd-a', 4_500, true)).met(4_600)).toBeUndefined();
  });

  it('cannot be seen where no series asks it, which is known once the probes run', () => {
    expect(watching('api down 3s').blind).toEqual([]);
    expect(watching('api down 3s', { ...STARTED, probes: [] }).blind).toEqual(['api down 3s']);
    expect(watching('api down 3s', { ...STARTED, probes: [] }, STARTED).blind).toEqual([]);
  });
});

function address(host: string, atMs: number, present: boolean): JournalEvent {
  return { type: 'vip.address', host, atMs, present, source: 'event' };
}

describe('the VIP', () => {
  it('is lost while no master holds it, and not before anybody was seen', () => {
    const conditions = watching('vip lost 2s');
    expect(conditions.met(1e9)).toBeUndefined();
    conditions.see(address('a', 1_000, true));
    conditions.see(address('b', 1_500, true));
    conditions.see(address('a', 2_000, false));
    expect(conditions.met(1e9)).toBeUndefined();
    conditions.see(address('b', 3_000, false));
    conditions.see(address('a', 3_500, false));
    expect(conditions.met(4_999)).toBeUndefined();
    expect(conditions.met(5_000)?.sinceMs).toBe(3_000);
    conditions.see(address('a', 5_500, true));
    expect(conditions.met(1e9)).toBeUndefined();
  });
});

function node(name: string, atMs: number, ready: 'True' | 'False' | 'Unknown'): JournalEvent {
  return { type: 'node', node: name, atMs, ready };
}

describe('nodes', () => {
  it('are counted while so many are not Ready at the same time', () => {
    const conditions = watching('2 nodes not ready 5s', node('a', 0, 'True'), node('b', 0, 'True'));
    conditions.see(node('a', 1_000, 'Unknown'));
    expect(conditions.met(1e9)).toBeUndefined();
    conditions.see(node('b', 2_000, 'False'));
    conditions.see(node('a', 3_000, 'False'));
    expect(conditions.met(6_999)).toBeUndefined();
    expect(conditions.met(7_000)).toMatchObject({ sinceMs: 2_000, detail: 'a, b were not Ready for 5.00 s' });
    conditions.see(node('a', 7_500, 'True'));
    expect(conditions.met(1e9)).toBeUndefined();
  });
});
