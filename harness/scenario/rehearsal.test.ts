import { describe, expect, it } from 'vitest';
import { loadTopology } from '../cluster/topology.ts';
import { byDesign } from './by-design.ts';
import type { ScenarioDefinition, Stage } from './definition.ts';
import { rehearse, type Rehearsal } from './rehearsal.ts';

const { topology } = loadTopology();
const [M1, M2, N2] = ['10-10-102-91.master', '10-10-102-92.master', '10-10-103-97.node'] as const;

function rehearsalOf(body: ScenarioDefinition['body']): Promise<Rehearsal> {
  const definition = { hypothesis: 'it holds', checks: [], body };
  return rehearse({ name: 'any', definition, who: byDesign(topology), seed: 7 });
}

describe('a rehearsal', () => {
  it('lists what is injected, on whom and how it ends, at once and without a host', async () => {
    const startedMs = performance.now();
    const { steps, undecided } = await rehearsalOf(async ({ inject, observe, vipLeaves, vipHolder }) => {
      const cut = await inject('power-off', await vipHolder());
      await vipLeaves(M1, 60_000);
      await observe(60_000);
      await cut.heal();
      await cut.heal();
      await inject('kill-process', 'standby,node2', { process: 'kubelet' });
    });
    expect(undecided).toBeUndefined();
    expect(steps).toEqual([
      { type: 'inject', fault: 'power-off', target: M1, hosts: [M1], params: {} },
      { type: 'heal', fault: 'power-off', hosts: [M1] },
      {
        ...{ type: 'inject', fault: 'kill-process', target: 'standby,node2', hosts: [M2, N2] },
        params: { process: 'kubelet', stays: false },
      },
    ]);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it('says where the body decides by what it sees, and names what it did not come to', async () => {
    const { steps, undecided } = await rehearsalOf(async ({ cluster, inject }) => {
      await inject('freeze', 'master1');
      const { ready } = await cluster.nodeStates();
      await inject('power-off', 'vip-holder');
      await inject('delay', ready[0] ?? '');
    });
    expect(undecided).toBe('it goes on by what cluster.nodeStates says while it runs');
    expect(steps.slice(1)).toEqual([
      { type: 'inject', fault: 'power-off', target: 'vip-holder', hosts: [M1], params: {}, unreached: true },
      { type: 'inject', fault: 'delay', target: '', hosts: [], params: {}, unreached: true },
    ]);
  });

  it('tells what is done other than by faults', async () => {
    const { steps } = await rehearsalOf(async ({ cluster, logapi, note }) => {
      note('first');
      await logapi.scaleTo(12);
      await cluster.lab.host(N2).run(['kill', '1']);
      await cluster.lab.host(N2).run(['kill', '2']);
    });
    expect(steps).toEqual([
      { type: 'note', text: 'first' },
      { type: 'does', what: 'changes the workload: scaled to 12' },
      { type: 'does', what: `runs a command of its own on ${N2}` },
    ]);
  });

  it.each<[string, (stage: Stage) => Promise<void>, RegExp]>([
    [
      'goes on until something comes about',
      async ({ observe }) => {
        for (;;) await observe(1);
      },
      /more than 1000 steps/,
    ],
    ['waits for what never comes', () => new Promise(() => undefined), /waits for what the cluster says/],
    [
      'strikes who is nobody',
      async ({ inject }) => {
        await inject('freeze', 'nobody');
      },
      /no target "nobody"/,
    ],
  ])('ends where the body %s', async (_what, body, why) => {
    expect((await rehearsalOf(body)).undecided).toMatch(why);
  });
});
