// What a fault leaves of the cluster's DNS, whose pods are on the masters: kube-proxy leads each question to any of them.
import { hostsWithRole } from '../core/topology.ts';
import type { ControlPlane } from './control-plane.ts';
import { ENDPOINTS_REMOVED_MS } from './timers.ts';
import { canSchedule, leaderChangeMs, type ServiceOutcome } from './workload.ts';

/** DNS as a pod on a node gets it. It outlives the API: the pods go on with what they know. */
export function dnsFrom(node: string, plane: ControlPlane): ServiceOutcome {
  const { damage, topology } = plane;
  const gone = (because: string): ServiceOutcome => ({ answer: false, transitionMs: 0, because });
  const doubtful = (because: string): ServiceOutcome => ({ answer: undefined, transitionMs: 0, because });
  if (!damage.runs(node)) return gone(`nothing on ${node} runs`);

  const masters = hostsWithRole(topology, 'master').map(({ name }) => name);
  const silent = masters.filter((master) => !damage.runs(master));
  if (silent.length === masters.length) return gone('its pods are on masters, and none runs');
  const poor = [node, ...masters].find((one) => damage.impairment(one) !== undefined);
  if (poor !== undefined) return doubtful(`${poor} is impaired: ${damage.impairment(poor)}`);
  if (masters.every((master) => !damage.runsProcess(master, 'kubelet'))) {
    return doubtful('no kubelet of a master runs, so that after a while none of its pods counts as Ready');
  }
  const apart = masters.find((master) => damage.runs(master) && !damage.linked(node, master));
  if (apart !== undefined)
    return doubtful(`some questions of ${node} are led to ${apart}, which it does not reach`);
  if (silent.length === 0)
    return { answer: true, transitionMs: 0, because: `${node} reaches the pods on all masters` };

  const lost = silent.join(' and ');
  if (canSchedule(plane) !== true) {
    return doubtful(
      `some questions are led to pods on ${lost}, and nobody can take these out of the endpoints`,
    );
  }
  return {
    answer: true,
    transitionMs: ENDPOINTS_REMOVED_MS + leaderChangeMs(plane),
    because: `questions that are led to pods on ${lost} fail until these are out of the endpoints (node monitor grace 40 s + 5 s, 5 s to pass it on)`,
  };
}
