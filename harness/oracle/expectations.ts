// The oracle: from a topology, its live keepalived configuration and the effects of the faults in force, what each
// capability must, may and must not do. Pure; what it knows of the programs is in quorum.ts, election.ts and timers.ts.
import { asksOwnMemberOnly, hasVrrp, hasWorkload } from '../core/facts.ts';
import type { FaultEffect, VrrpInstance } from '../core/record.ts';
import type { Expectation } from '../core/result.ts';
import { ms } from '../core/text.ts';
import { hostsWithRole, type Topology } from '../core/topology.ts';
import {
  agreed,
  anyOf,
  controlPlaneOf,
  throughVip,
  type Answer,
  type ControlPlane,
} from './control-plane.ts';
import { damageOf, possibleDamages } from './damage.ts';
import { quorumInWords } from './quorum.ts';
import { dnsFrom } from './dns.ts';
import { GUARD_NOTICE_MS, guardStops } from './guard.ts';
import { leavingOf, takeoverMs } from './takeover.ts';
import { ETCD_CLIENT_GIVES_UP_MS, etcdElectionMs, UNDER_WAY_MS } from './timers.ts';
import { electMaster } from './vrrp.ts';
import { canSchedule, leaderChangeMs, serviceOn, workloadNodes } from './workload.ts';

/** One capability's expectation with what a check needs beside the words. */
export interface Foreseen extends Expectation {
  /** What holds once the fault has taken its full effect, until it is healed; undefined: either. */
  readonly settled: Answer;
  /**
   * From the deed until the settled state must have been reached. Before that, what was there may fail, and what must
   * fail may still answer what was under way.
   */
  readonly transitionMs: number;
}

interface Outcome {
  readonly answer: Answer;
  readonly transitionMs: number;
  readonly because: string;
}

type Capability = readonly [name: string, outcome: (plane: ControlPlane) => Outcome];

/**
 * @param instances as read from the masters before the fault
 * @param effects of all faults in force
 * @param holder who held the VIP when the last of them struck; default: whom keepalived elects while all are well
 */
export function expectationsOf(
  topology: Topology,
  instances: readonly VrrpInstance[],
  effects: readonly FaultEffect[],
  holder: string | undefined = electMaster(instances)?.host,
): readonly Foreseen[] {
  const planes = possibleDamages(effects).map((damage) =>
    controlPlaneOf(topology, instances, damage, holder),
  );
  const whole = controlPlaneOf(topology, instances, damageOf([]), holder);
  return capabilitiesOf(whole, instances, holder).map(([name, outcome]) =>
    foreseen(
      name,
      planes.map((plane) => outcome(plane)),
    ),
  );
}

/** One expectation for all the states that the faults may leave. */
function foreseen(capability: string, outcomes: readonly Outcome[]): Foreseen {
  const settled = agreed(outcomes.map(({ answer }) => answer));
  const transitionMs = Math.max(...outcomes.map((outcome) => outcome.transitionMs));
  const reasons = [...new Set(outcomes.map(({ because }) => because))].join('; or ');
  if (settled === false) {
    return {
      capability,
      expected: 'must-fail',
      reason: `${reasons}.`,
      settled,
      transitionMs: Math.max(transitionMs, UNDER_WAY_MS),
    };
  }
  if (settled === undefined) {
    return { capability, expected: 'may-fail', reason: `Until healed: ${reasons}.`, settled, transitionMs };
  }
  return transitionMs === 0
    ? { capability, expected: 'must-not-fail', reason: `${reasons}.`, settled, transitionMs }
    : {
        capability,
        expected: 'may-fail',
        reason: `For at most ${ms(transitionMs)}: ${reasons}.`,
        settled,
        transitionMs,
      };
}

function capabilitiesOf(
  whole: ControlPlane,
  instances: readonly VrrpInstance[],
  holder: string | undefined,
): Capability[] {
  const { topology } = whole;
  const names = (role: 'master' | 'etcd'): string[] => hostsWithRole(topology, role).map(({ name }) => name);
  const api = (plane: ControlPlane): Outcome => apiOutcome(plane, instances, holder);
  const vip: Capability[] = [
    ['vip', (plane) => vipOutcome(plane, instances, holder)],
    ['vip-unique', (plane) => uniqueOutcome(plane, instances, holder)],
  ];
  const service: Capability[] = [
    ...workloadNodes(whole).flatMap((node): Capability[] => [
      [`service ${node}`, (plane) => serviceOn(node, topology.observer.name, plane)],
      [`service-from ${node}`, (plane) => serviceOn(node, node, plane)],
    ]),
    ['service', serviceAsAWhole],
  ];
  return [
    ['api', api],
    ['api-read', api],
    ['api-read-cached', (plane) => cachedOutcome(plane, api(plane))],
    ['api-write', api],
    ['api-watch', api],
    ...(hasVrrp(topology) ? vip : []),
    ...names('master').map((host): Capability => [
      `apiserver ${host}`,
      (plane) => apiserverOutcome(host, plane),
    ]),
    ...names('etcd').map((host): Capability => [`etcd ${host}`, (plane) => etcdOutcome(host, plane)]),
    ['scheduling', schedulingOutcome],
    ...(hasWorkload(topology) ? service : []),
    ...((topology.dns ?? 'none') === 'none' ? [] : workloadNodes(whole)).map((node): Capability => [
      `dns-from ${node}`,
      (plane) => dnsFrom(node, plane),
    ]),
  ];
}

/** What a client of the VIP gets that needs etcd: reads with quorum, writes, readyz. */
function apiOutcome(
  plane: ControlPlane,
  instances: readonly VrrpInstance[],
  holder: string | undefined,
): Outcome {
  const asked = (vip: ControlPlane['vip']): Answer => throughVip(plane, (host) => plane.serves(host), vip);
  const answer = asked(plane.vip);
  const guardsMs = changedByGuardsMs(asked(plane.vipBeforeGuards), answer);
  const move = takeoverMs(instances, holder, plane);
  const quorum = quorumInWords(plane.quorum);
  const etcd = etcdChangeMs(plane);
  if (plane.quorum.state === 'lost') return { answer, transitionMs: 0, because: quorum };
  const because = `${move.because}${answer === true ? '' : `, where ${holdersInWords(plane)}`}; ${quorum}`;
  return { answer, transitionMs: Math.max(move.ms, guardsMs, answer === false ? 0 : etcd), because };
}

/** Lists from the apiserver's cache need no etcd, for as long as the apiserver lives: its liveness probe asks for etcd. */
function cachedOutcome(plane: ControlPlane, api: Outcome): Outcome {
  if (api.answer !== false) return api;
  const answer = throughVip(plane, (host) =>
    plane.damage.runsProcess(host, 'kube-apiserver')
      ? plane.serves(host) === true
        ? true
        : undefined
      : false,
  );
  if (answer === false) return api;
  return {
    ...api,
    answer: undefined,
    because: `apiservers serve from their cache until they are restarted; ${api.because}`,
  };
}

function vipOutcome(
  plane: ControlPlane,
  instances: readonly VrrpInstance[],
  holder: string | undefined,
): Outcome {
  const isHeld = (vip: ControlPlane['vip']): Answer => agreed(vip.map(({ holders }) => holders.length > 0));
  const answer = isHeld(plane.vip);
  const guardsMs = changedByGuardsMs(isHeld(plane.vipBeforeGuards), answer);
  const move = takeoverMs(instances, holder, plane);
  const because =
    answer === true ? move.because : `no keepalived is left that would take the VIP${guardsInWords(plane)}`;
  return { answer, transitionMs: Math.max(guardsMs, isAway(plane, holder) ? move.ms : 0), because };
}

/** How long the guards take, where they change what can be expected. */
function changedByGuardsMs(before: Answer, answer: Answer): number {
  return before === answer ? 0 : GUARD_NOTICE_MS;
}

/** "; the guard stops keepalived: m1 reaches no other host", or nothing. */
function guardsInWords({ topology, damage }: ControlPlane): string {
  const reasons = hostsWithRole(topology, 'master').flatMap(
    ({ name }) => guardStops(topology, damage, name) ?? [],
  );
  return reasons.length === 0 ? '' : `; the guard stops keepalived: ${reasons.join(', ')}`;
}

/** A holder whose check fails keeps the address until another one is heard, and some never lose it. */
function isAway(plane: ControlPlane, holder: string | undefined): boolean {
  const leaving = leavingOf(holder, plane);
  if (leaving === 'none' || leaving === 'lower-priority' || holder === undefined) return false;
  return plane.vip.some(({ holders }) => holders.length > 0 && !holders.includes(holder));
}

function uniqueOutcome(
  plane: ControlPlane,
  instances: readonly VrrpInstance[],
  holder: string | undefined,
): Outcome {
  const isUnique = (vip: ControlPlane['vip']): Answer =>
    agreed(vip.map(({ holders }) => holders.length <= 1));
  const answer = isUnique(plane.vip);
  const guardsMs = changedByGuardsMs(isUnique(plane.vipBeforeGuards), answer);
  const move = takeoverMs(instances, holder, plane);
  if (answer === true) {
    return {
      answer,
      transitionMs: guardsMs,
      because: `all masters that can hold the VIP hear each other, and one is elected${guardsInWords(plane)}`,
    };
  }
  const several = plane.vip.map(({ holders }) => holders).find((holders) => holders.length > 1) ?? [];
  const left = plane.vip.flatMap(({ holders, masters }) => holders.filter((host) => !masters.includes(host)));
  const why =
    left.length > 0
      ? `nobody takes the address from ${left[0]}, whose keepalived is gone, while another master takes it over`
      : `${several.join(' and ')} do not hear each other, and each elects itself`;
  return { answer, transitionMs: Math.max(move.ms, guardsMs), because: why };
}

function apiserverOutcome(host: string, plane: ControlPlane): Outcome {
  const { damage, topology } = plane;
  if (!damage.linked(topology.observer.name, host)) {
    return { answer: false, transitionMs: 0, because: `${host} cannot be reached` };
  }
  if (!damage.runsProcess(host, 'kube-apiserver')) {
    return { answer: false, transitionMs: 0, because: `no apiserver runs on ${host}` };
  }
  const needs = asksOwnMemberOnly(topology, host) ? 'the etcd member beside it' : 'etcd';
  const because = `the apiserver of ${host} needs ${needs}; ${quorumInWords(plane.quorum)}`;
  return { answer: plane.serves(host), transitionMs: etcdChangeMs(plane), because };
}

function etcdOutcome(host: string, plane: ControlPlane): Outcome {
  const { damage, topology, quorum } = plane;
  if (!damage.runsProcess(host, 'etcd') || !damage.linked(topology.observer.name, host)) {
    return { answer: false, transitionMs: 0, because: `${host} is down or cannot be reached` };
  }
  const certain = quorum.state === 'possible' || damage.impairment(host) !== undefined ? undefined : true;
  const answer = quorum.serving.includes(host) ? certain : false;
  const isWhole = quorum.serving.length === quorum.members.length;
  return { answer, transitionMs: isWhole ? 0 : etcdElectionMs(topology), because: quorumInWords(quorum) };
}

function schedulingOutcome(plane: ControlPlane): Outcome {
  const answer = canSchedule(plane);
  const quorum = quorumInWords(plane.quorum);
  if (answer !== true) {
    return {
      answer,
      transitionMs: 0,
      because: `it needs a scheduler and a controller-manager that can write; ${quorum}`,
    };
  }
  const changeMs = leaderChangeMs(plane);
  const because =
    changeMs === 0
      ? `every scheduler and controller-manager works; ${quorum}`
      : `a leader may be lost: its lease of 15 s is taken over after 15 s and two looks of at most 4.4 s; ${quorum}`;
  return { answer, transitionMs: changeMs + etcdChangeMs(plane), because };
}

/** A client that goes on to the next node is served when any node serves. */
function serviceAsAWhole(plane: ControlPlane): Outcome {
  const nodes = workloadNodes(plane).map((node) => serviceOn(node, plane.topology.observer.name, plane));
  const serving = nodes.filter(({ answer }) => answer === true);
  const best = serving.toSorted((one, other) => one.transitionMs - other.transitionMs)[0];
  const answer = anyOf(nodes.map((node) => node.answer));
  if (best) return best;
  return { answer, transitionMs: 0, because: nodes.map(({ because }) => because).join('; ') };
}

/** Until those that used a lost member use another one: at once when it closed its connections, else when given up. */
function etcdChangeMs({ quorum, damage, topology }: ControlPlane): number {
  // Without a quorum nothing is served from the deed on, and nobody has to find another member.
  if (quorum.state === 'lost' || quorum.serving.length === quorum.members.length) return 0;
  // Who asks the member on its own host has no other to go to, nor to wait for.
  const masters = hostsWithRole(topology, 'master');
  if (masters.every(({ name }) => asksOwnMemberOnly(topology, name))) return etcdElectionMs(topology);
  const saidGoodbye = quorum.members.every((member) => {
    const how = damage.lostProcess(member, 'etcd')?.how ?? 'killed';
    return (
      quorum.serving.includes(member) ||
      (damage.runs(member) && !quorum.alive.includes(member) && how !== 'paused')
    );
  });
  return etcdElectionMs(topology) + (saidGoodbye ? 0 : ETCD_CLIENT_GIVES_UP_MS);
}

function holdersInWords(plane: ControlPlane): string {
  const { vip, damage, topology } = plane;
  if (!hasVrrp(topology)) {
    const useless = hostsWithRole(topology, 'master').flatMap(({ name }) =>
      plane.serves(name) ? [] : [name],
    );
    return `${useless.join(' and ') || 'some master'} does not serve for certain`;
  }
  const all = [...new Set(vip.flatMap(({ holders }) => holders))];
  const reached = all.filter((host) => damage.linked(topology.observer.name, host));
  if (all.length === 0) return 'no master can hold it';
  if (reached.length === 0) return `${all.join(' and ')} cannot be reached`;
  return reached.length > 1
    ? `${reached.join(' and ')} may answer for it, whichever sent the last gratuitous ARP`
    : `${reached.join()} does not serve for certain`;
}
