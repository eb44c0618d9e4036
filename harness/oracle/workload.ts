// What a fault leaves of the service under test: each node forwards to the pods on all nodes (kube-proxy's rules live in
// the kernel and stay as they are while nobody tells it otherwise).
import { hostsWithRole } from '../core/topology.ts';
import { agreed, anyOf, type Answer, type ControlPlane } from './control-plane.ts';
import { ENDPOINTS_REMOVED_MS, LEASE_TAKEOVER_MS } from './timers.ts';

export interface ServiceOutcome {
  readonly answer: Answer;
  readonly transitionMs: number;
  readonly because: string;
}

export function workloadNodes({ topology }: Pick<ControlPlane, 'topology'>): string[] {
  return hostsWithRole(topology, 'node').map(({ name }) => name);
}

/**
 * The service as asked on one node.
 * @param client who asks: the observer, or the node itself for a pod on it
 */
export function serviceOn(node: string, client: string, plane: ControlPlane): ServiceOutcome {
  const { damage } = plane;
  const gone = (because: string): ServiceOutcome => ({ answer: false, transitionMs: 0, because });
  const doubtful = (because: string): ServiceOutcome => ({ answer: undefined, transitionMs: 0, because });
  if (!damage.linked(client, node)) return gone(`${node} cannot be reached`);
  if (damage.isFrozen(node)) {
    return client === node
      ? gone(`nothing on ${node} runs`)
      : doubtful(`${node} is frozen, but its kernel still forwards to the other nodes`);
  }
  if (!damage.runs(node)) return gone(`${node} is down`);

  const nodes = workloadNodes(plane);
  const poor = nodes.find((one) => damage.impairment(one) !== undefined);
  if (poor !== undefined) return doubtful(`${poor} is impaired: ${damage.impairment(poor)}`);
  if (nodes.every((one) => !damage.runsProcess(one, 'kubelet'))) {
    return doubtful(`no kubelet runs, so that after a while no pod counts as Ready`);
  }
  const silent = nodes.filter((one) => !damage.runs(one));
  const apart = nodes.find((one) => damage.runs(one) && !damage.linked(node, one));
  if (apart !== undefined) return doubtful(`${node} forwards to pods on ${apart}, which it does not reach`);
  if (silent.length === 0) {
    return { answer: true, transitionMs: 0, because: `${node} runs and reaches the pods on every node` };
  }
  return withoutSilent(node, silent, plane);
}

/** Requests that are forwarded to a lost node's pods hang until these are no endpoints any more. */
function withoutSilent(node: string, silent: readonly string[], plane: ControlPlane): ServiceOutcome {
  const lost = silent.join(' and ');
  if (canSchedule(plane) !== true) {
    const because = `some requests to ${node} are forwarded to pods on ${lost}, and nobody can take these out of the endpoints`;
    return { answer: undefined, transitionMs: 0, because };
  }
  const because = `requests to ${node} that are forwarded to pods on ${lost} fail until these are out of the endpoints (node monitor grace 40 s + 5 s, 5 s to pass it on)`;
  return { answer: true, transitionMs: ENDPOINTS_REMOVED_MS + leaderChangeMs(plane), because };
}

/** Whether a scheduler and a controller-manager work on some master whose apiserver serves: each asks its own. */
export function canSchedule(plane: ControlPlane): Answer {
  return agreedAll([processWorks(plane, 'kube-scheduler'), processWorks(plane, 'kube-controller-manager')]);
}

/** The time in which nobody leads after a leader was lost; any master may have been it. */
export function leaderChangeMs(plane: ControlPlane): number {
  const masters = hostsWithRole(plane.topology, 'master');
  const isWhole = masters.every(
    ({ name }) =>
      plane.serves(name) === true &&
      plane.damage.runsProcess(name, 'kube-scheduler') &&
      plane.damage.runsProcess(name, 'kube-controller-manager'),
  );
  return isWhole ? 0 : LEASE_TAKEOVER_MS;
}

function processWorks(plane: ControlPlane, process: 'kube-scheduler' | 'kube-controller-manager'): Answer {
  return anyOf(
    hostsWithRole(plane.topology, 'master').map(({ name }) =>
      plane.damage.runsProcess(name, process) ? plane.serves(name) : false,
    ),
  );
}

function agreedAll(answers: readonly Answer[]): Answer {
  return answers.includes(false) ? false : agreed(answers);
}
