import { describe, expect, it } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { clockOriginNow, runClock } from '../core/clock.ts';
import type { JournalEvent } from '../core/record.ts';
import { fakeLab, type FakeLab } from '../hosts/fake-lab.ts';
import { Injections } from './injections.ts';

const { topology } = loadTopology();
const NODE = '10-10-103-96.node';
const CUT = { kind: 'power-off', targets: [NODE], params: {}, limitMs: 60_000 };

function injecting(lab: FakeLab): { readonly events: JournalEvent[]; readonly injections: Injections } {
  const events: JournalEvent[] = [];
  const recorder = { append: (event: JournalEvent): void => void events.push(event) };
  const safety = { policy: {}, losesQuorum: true };
  return { events, injections: new Injections(lab, recorder, runClock(clockOriginNow()), safety) };
}

describe('a fault', () => {
  it('that is refused is on record with its reason, and touches nothing', async () => {
    const lab = fakeLab({ ...topology, protect: [NODE] });
    const { events, injections } = injecting(lab);
    await expect(injections.inject(CUT)).rejects.toThrow(
      `power-off on ${NODE} is refused: ${NODE} is protected`,
    );
    expect(events).toMatchObject([{ type: 'fault.refused', kind: 'power-off', target: NODE }]);
    expect([lab.powerStates.size, lab.armed.size, lab.host(NODE).commands.length]).toEqual([0, 0, 0]);
  });

  it('that is asked for when all is healed comes too late', async () => {
    const lab = fakeLab(topology);
    const { injections } = injecting(lab);
    await injections.healAll();
    await expect(injections.inject(CUT)).rejects.toThrow('power-off comes too late');
    expect(lab.powerStates.size).toBe(0);
  });

  it('that was on its way when all is healed is undone again, and nobody goes on with it', async () => {
    const lab = fakeLab(topology);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const power = lab.power.bind(lab);
    const slow = {
      ...lab,
      power: (name: string) => ({ ...power(name), off: () => held.then(() => power(name).off()) }),
    };
    const own = injecting(slow);
    const injected = own.injections.inject(CUT).then(
      () => 'it stands',
      (thrown: unknown) => String(thrown),
    );
    await expect.poll(() => own.events.some(({ type }) => type === 'fault.prepared')).toBe(true);
    const healing = own.injections.healAll();
    await expect.poll(() => own.events.some(({ type }) => type === 'fault.healed')).toBe(true);
    release();
    expect(await healing).toEqual([]);
    expect(await injected).toContain('comes too late');
    expect(lab.powerStates.get(NODE)).toBe('on');
  });
});
