// The network falls apart: some hosts no longer reach some others. Whoever is on no side reaches everybody.
import { UsageError } from '../core/errors.ts';
import type { FaultPlan } from '../core/fault.ts';
import { cutFault, cutsBetween, DIRECTION_PARAMETER, type Cut } from './network-cuts.ts';
import { hostsMeant } from './network-hosts.ts';

type Hosts = readonly string[];

export const partition = cutFault({
  name: 'partition',
  summary: 'Parts its targets into sides that do not reach each other.',
  parameters: {
    shape: {
      summary:
        'halves; minority: as few as a quorum can spare, and the rest; bridge: halves, and one host that reaches both; ' +
        'ring: each hears a majority, and no two the same',
      default: 'halves',
      values: ['halves', 'minority', 'bridge', 'ring'],
    },
    sides: {
      summary: 'instead of a shape: hosts with commas, sides with | between ("master1|masters")',
      default: '',
    },
    direction: {
      ...DIRECTION_PARAMETER,
      summary: 'of two sides, what is lost: what the first sends, what it is sent, or both',
    },
  },
  cuts: (plan) => {
    const { shape, direction, sides: text } = plan.params;
    if (shape === 'ring' && text === '') {
      if (direction !== 'both') throw new UsageError('a ring has no direction');
      return ringCuts(enough(plan.targets, 3));
    }
    const sides = typeof text === 'string' && text !== '' ? sidesSaid(plan, text) : sidesOf(plan);
    if (direction !== 'both' && sides.length !== 2) {
      throw new UsageError(`a direction needs two sides; these are ${sides.length}`);
    }
    return sides.flatMap((side, index) =>
      sides.slice(index + 1).flatMap((other) => cutsBetween(side, other, direction)),
    );
  },
});

/** Whoever is named twice is on the first of the sides: "master1|masters" parts master1 from the others. */
function sidesSaid({ topology, targets }: FaultPlan, text: string): readonly Hosts[] {
  const placed = new Set<string>();
  const sides = text.split('|').map((side) => {
    const hosts = hostsMeant(topology, side).filter((host) => !placed.has(host));
    for (const host of hosts) placed.add(host);
    return hosts;
  });
  if (placed.has(topology.observer.name)) {
    throw new UsageError('the observer can be on no side of partition', {
      hint: 'it would go on hearing the gratuitous ARP of every side; isolate-host cuts hosts off from it too',
    });
  }
  const strangers = [...placed].filter((host) => !targets.includes(host));
  if (strangers.length > 0) {
    throw new UsageError(`sides of partition names ${strangers.join(', ')}, which is no target of it`);
  }
  if (sides.length < 2 || sides.some((side) => side.length === 0)) {
    throw new UsageError(`sides of partition is two sides or more, each of some hosts; not "${text}"`);
  }
  return sides;
}

function sidesOf({ targets, params }: FaultPlan): readonly Hosts[] {
  const middle = Math.floor(targets.length / 2);
  if (params['shape'] === 'bridge') {
    const hosts = enough(targets, 3);
    return [hosts.slice(0, middle), hosts.slice(middle + 1)];
  }
  const spared = Math.max(1, Math.ceil(targets.length / 2) - 1);
  const first = params['shape'] === 'minority' ? spared : middle;
  const hosts = enough(targets, 2);
  return [hosts.slice(0, first), hosts.slice(first)];
}

/** Each hears itself and its neighbours to both sides, a majority of all. Of an odd majority this is the same both ways. */
function ringCuts(hosts: Hosts): readonly Cut[] {
  const majority = Math.floor(hosts.length / 2) + 1;
  return hosts.flatMap((to, place) =>
    hosts.flatMap((from, other) => {
      const behind = (other - place + Math.floor(majority / 2) + hosts.length) % hosts.length;
      return behind < majority ? [] : [{ from, to }];
    }),
  );
}

function enough(targets: Hosts, least: number): Hosts {
  if (targets.length >= least) return targets;
  throw new UsageError(`this partition needs ${least} hosts or more; ${targets.join(', ')} is too few`);
}
