// The plan as a person on one host would see it: host by host, in order, and apart from that what is not done and why.
import type { Topology } from '../../core/topology.ts';
import type { PlannedDeed, SeedPlan } from './plan.ts';
import type { Row } from './row.ts';
import { ROWS } from './rows.ts';

export type ShownDeed = Pick<Row, 'chapter' | 'fate'> & { readonly row: string } & PlannedDeed;

export interface ShownPlan {
  readonly hosts: readonly {
    readonly name: string;
    readonly address: string;
    readonly deeds: readonly ShownDeed[];
    /** Only where the error shows that the row names. */
    readonly repairs: readonly ShownDeed[];
  }[];
  /** Every row of the seed of which nothing is done, with the reason. */
  readonly notDone: readonly Pick<Row, 'id' | 'chapter' | 'seed' | 'fate' | 'note' | 'finding'>[];
  readonly findings: readonly { readonly row: string; readonly chapter: string; readonly finding: string }[];
}

export function planByHost(plan: SeedPlan, topology: Topology): ShownPlan {
  const shown = (name: string, rows: SeedPlan['rows']): readonly ShownDeed[] =>
    rows.flatMap(({ row: { id, chapter, fate }, hosts }) =>
      hosts
        .filter((host) => host.name === name)
        .flatMap(({ deeds }) => deeds.map((deed): ShownDeed => ({ row: id, chapter, fate, ...deed }))),
    );
  const planned = new Set([...plan.rows, ...plan.repairs].map(({ row }) => row.id));
  return {
    hosts: topology.hosts.map(({ name, address }) => ({
      ...{ name, address },
      deeds: shown(name, plan.rows),
      repairs: shown(name, plan.repairs),
    })),
    notDone: ROWS.filter(({ id }) => !planned.has(id)).map(
      ({ id, chapter, seed, fate, note, finding, when }) => ({
        ...{ id, chapter, seed, fate },
        ...(note !== undefined && { note }),
        ...(finding !== undefined && { finding }),
        ...(when !== undefined && {
          note: `the way that was not chosen (${Object.entries(when)
            .map(([choice, value]) => `${choice}: ${value}`)
            .join(', ')})`,
        }),
      }),
    ),
    findings: ROWS.flatMap(({ id, chapter, finding }) =>
      finding === undefined ? [] : [{ row: id, chapter, finding }],
    ),
  };
}
