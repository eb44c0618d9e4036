// A host whose network is gone in one direction or both, while it runs on: its cable is out, and it does not know.
import type { FaultPlan } from '../core/fault.ts';
import {
  cutsBetween,
  cutsInEffect,
  DIRECTION_PARAMETER,
  pingsAlong,
  uniqueCuts,
  waysOf,
  type Cut,
} from './network-cuts.ts';
import { addressOf, machinesOf, ownTargets } from './network-hosts.ts';
import { isolation, isolationRehearsal } from './network-isolation.ts';
import { refusalOf, rulesSay } from './network-witnesses.ts';
import { onHosts } from './on-host.ts';

export const isolateHost = onHosts({
  name: 'isolate-host',
  summary: 'Cuts a host off from every other and from the observer, while it runs on.',
  parameters: { direction: DIRECTION_PARAMETER },
  effect: (plan) => cutsInEffect(cutsOf(plan)),
  unavailable: (call) => refusalOf(call, ownTargets(call), isolationRehearsal(waysOf(call))),
  deeds: (plan) =>
    ownTargets(plan).map((host) => {
      const { prepare, lay, clear } = isolation(plan.id, addressOf(plan.topology, host), waysOf(plan));
      return { host, deed: `${prepare}\n${lay}`, undo: clear };
    }),
  evidence: async (call) => {
    const pings = await pingsAlong(call, cutsOf(call));
    const rules = await Promise.all(call.targets.map((host) => rulesSay(call, host, waysOf(call))));
    return [...rules, ...pings];
  },
});

function cutsOf(plan: FaultPlan): readonly Cut[] {
  const cuts = ownTargets(plan).flatMap((host) =>
    cutsBetween([host], machinesOf(plan.topology), plan.params['direction']),
  );
  return uniqueCuts(cuts);
}
