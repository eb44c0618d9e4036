// What is weak or wrong about keepalived's configuration: each instance by itself, and the instances of one router together.
import type { TrackScript, VrrpInstance } from '../core/record.ts';
import { electHolders, failsOnStatus, priorityWhile, type Candidate } from './election.ts';
import { parseKeepalivedConf, type ConfSource } from './keepalived-conf.ts';
import { parseBlocks, type ConfNode } from './keepalived-syntax.ts';
import type { LintFinding } from './lint.ts';
import { lintPeers } from './lint-peers.ts';
import { electMaster } from './vrrp.ts';

export interface ConfFile extends ConfSource {
  readonly text: string;
}

/**
 * Findings on the files of the hosts of one or more virtual routers.
 * @throws UsageError "<file>:<line>: …" for a file that keepalived would not read either
 */
export function lintConfFiles(files: readonly ConfFile[]): LintFinding[] {
  const parsed = files.flatMap(({ text, ...source }) => parseKeepalivedConf(text, source));
  const places = new Map(files.map((file) => [file.host, placesIn(file)]));
  const placeOf = ({ host, name }: VrrpInstance, script?: TrackScript): string => {
    const inFile = places.get(host);
    return inFile?.get(script ? `vrrp_script ${script.name}` : `vrrp_instance ${name}`) ?? host;
  };
  return [...files.flatMap(lintAuthentication), ...lintInstances(parsed, placeOf)];
}

/** Findings on instances as they were read from hosts. */
export function lintInstances(
  instances: readonly VrrpInstance[],
  placeOf: (instance: VrrpInstance, script?: TrackScript) => string = ({ host }) => host,
): LintFinding[] {
  return [
    ...instances.flatMap((instance) => [
      ...lintInstance(instance, placeOf(instance)),
      ...instance.trackScripts.flatMap((script) => lintScript(script, placeOf(instance, script))),
    ]),
    ...lintPeers(instances, placeOf),
    ...routersOf(instances).flatMap((peers) => lintWeights(peers, placeOf)),
  ];
}

function lintInstance(instance: VrrpInstance, where: string): LintFinding[] {
  const { name, preempt, state, trackScripts, garpMasterRefreshS = 0 } = instance;
  const findings = garpMasterRefreshS === 0 ? [neverRepeats(name, where)] : [];
  if (trackScripts.length === 0) {
    findings.push({
      id: 'no-check',
      severity: 'weakness',
      where,
      what: `${name} tracks no script`,
      consequence: 'the VIP stays on a host whose apiserver is dead, as long as its keepalived lives',
      remedy: 'add a vrrp_script that asks the apiserver, and name it in track_script',
    });
  }
  if (!preempt) findings.push(state === 'MASTER' ? preemptsAnyway(name, where) : doesNotPreempt(name, where));
  return findings;
}

/** keepalived.conf(5): "garp_master_refresh"; vrrp_state_master_rx sends none when a lower advert has been heard. */
function neverRepeats(name: string, where: string): LintFinding {
  return {
    id: 'no-garp-refresh',
    severity: 'weakness',
    where,
    what: `${name} never repeats its gratuitous ARP`,
    consequence:
      'when two masters have held the VIP, hosts that sent to the one which gives it up may go on doing so for ever',
    remedy: 'add garp_master_refresh 10',
  };
}

/** keepalived.conf(5): "nopreempt … for this to work, the initial state must not be MASTER". */
function preemptsAnyway(name: string, where: string): LintFinding {
  return {
    id: 'nopreempt-master',
    severity: 'mistake',
    where,
    what: `${name} has nopreempt with state MASTER`,
    consequence:
      'keepalived does not heed nopreempt where the initial state is MASTER: the host takes the VIP back',
    remedy: 'write state BACKUP on every host',
  };
}

function doesNotPreempt(name: string, where: string): LintFinding {
  return {
    id: 'nopreempt',
    severity: 'weakness',
    where,
    what: `${name} has nopreempt`,
    consequence:
      'the VIP stays where it is also when its holder lowers its priority: a check with a weight moves nothing any more',
    remedy: 'leave nopreempt out, or give the check no weight, so that its failure makes the holder give up',
  };
}

function lintScript(
  { name, command, intervalS, timeoutS, weight }: TrackScript,
  where: string,
): LintFinding[] {
  const findings: LintFinding[] = [];
  const found = (finding: Omit<LintFinding, 'where'>): number => findings.push({ ...finding, where });
  const isCurl = /\bcurl\b/.test(command);
  if (isCurl && !failsOnStatus(command)) {
    found({
      id: 'check-ignores-errors',
      severity: 'mistake',
      what: `${name} asks with curl without -f`,
      consequence: 'an apiserver that answers HTTP 500 counts as healthy, and keeps the VIP',
      remedy: 'add -f',
    });
  }
  if (/(127\.0\.0\.1|localhost):8080\b/.test(command)) {
    found({
      id: 'check-insecure-port',
      severity: 'mistake',
      what: `${name} asks the apiserver's insecure port 8080`,
      consequence:
        'Kubernetes has none since v1.20: the check fails on every master at all times, and no failure of an apiserver moves the VIP',
      remedy: 'ask https://127.0.0.1:6443/healthz with -k',
    });
  }
  if (isCurl && !/\s(-m|--max-time)\b/.test(command) && timeoutS >= intervalS) {
    found({
      id: 'check-may-hang',
      severity: 'note',
      what: `${name} has no limit of its own, and keepalived's is ${timeoutS} s, no less than its interval of ${intervalS} s`,
      consequence: `an apiserver that hangs is noticed up to ${timeoutS} s later than one that is gone`,
      remedy: 'add -m 1 to curl, or a timeout below the interval',
    });
  }
  if (weight === 0) {
    found({
      id: 'check-without-weight',
      severity: 'weakness',
      what: `${name} has no weight`,
      consequence:
        'a host whose check fails takes no part any more: when all fail together, as they do when etcd loses its quorum, nobody holds the VIP',
      remedy: 'give it a negative weight that is larger than the distance of the priorities',
    });
  }
  return findings;
}

/** Whether the holder's failing check makes another host take over. */
function lintWeights(
  peers: readonly VrrpInstance[],
  placeOf: (instance: VrrpInstance, script?: TrackScript) => string,
): LintFinding[] {
  const best = electMaster(peers);
  if (!best || peers.length < 2 || !peers.every(({ preempt }) => preempt)) return [];
  return best.trackScripts.flatMap((script): LintFinding[] => {
    const lowered = priorityWhile(best, (one) => one !== script);
    if (lowered === undefined) return [];
    const candidates = peers.map((instance): Candidate => {
      const whole = priorityWhile(instance, () => true) ?? 0;
      return { instance, priority: instance === best ? lowered : whole };
    });
    const others = candidates.filter(({ instance }) => instance !== best).map(({ priority }) => priority);
    const next = Math.max(...others);
    if (!electHolders(candidates, () => true, best.host).includes(best.host)) return [];
    const left = `${best.host} is left with priority ${lowered} when ${script.name} fails`;
    const how = lowered === next ? `as much as the next best has` : `while the next best has ${next}`;
    return [
      {
        id: lowered === next ? 'weight-makes-equal' : 'weight-too-small',
        severity: 'mistake',
        where: placeOf(best, script),
        what: `${left}, ${how}`,
        consequence: 'a failing check does not move the VIP',
        remedy: `make the weight at least ${next - lowered + 1} larger`,
      },
    ];
  });
}

function routersOf(instances: readonly VrrpInstance[]): VrrpInstance[][] {
  const ids = [...new Set(instances.map(({ virtualRouterId }) => virtualRouterId))];
  return ids.map((id) => instances.filter(({ virtualRouterId }) => virtualRouterId === id));
}

/** RFC 2338 section 5.3.6.2, which keepalived follows: eight bytes, and what is longer is cut off. */
const AUTH_PASS_BYTES = 8;

function lintAuthentication({ text, file }: ConfFile): LintFinding[] {
  const instances = parseBlocks(text, file).filter(({ keyword }) => keyword === 'vrrp_instance');
  const settings = instances
    .flatMap(({ children }) => children)
    .filter(({ keyword }) => keyword === 'authentication')
    .flatMap(({ children }) => children);
  return settings.flatMap(({ keyword, words, line }): LintFinding[] => {
    const [password = ''] = words;
    if (keyword !== 'auth_pass' || password.length <= AUTH_PASS_BYTES) return [];
    return [
      {
        id: 'auth-pass-cut',
        severity: 'mistake',
        where: `${file}:${line}`,
        what: `auth_pass has ${password.length} characters`,
        consequence: `only the first ${AUTH_PASS_BYTES} are used: passwords that differ after that are the same`,
        remedy: `use at most ${AUTH_PASS_BYTES} characters`,
      },
    ];
  });
}

/** "vrrp_script name" and "vrrp_instance name" → file:line. */
function placesIn({ text, file }: ConfFile): Map<string, string> {
  return new Map(
    parseBlocks(text, file).map(({ keyword, words, line }: ConfNode) => [
      `${keyword} ${words[0] ?? ''}`,
      `${file}:${line}`,
    ]),
  );
}
