// An etcd member loses its data. It must not simply be started again: it has promised the others what it no longer knows.
//
// With three members or more the others still have a quorum. The member is removed and a new one added in its place, in
// that order: the other way round the cluster would count one more, of which two are not there (etcd.io, "Runtime
// reconfiguration", "Replace a failed machine"). It then joins what exists.
//
// With two members the one that is left is no quorum, and nothing can be removed or added. But a quorum of two is both:
// whatever was ever committed, the other one has, and nobody can have been elected without its vote. So nothing was
// promised that is lost, and the member may join under its old identity, with nothing, as one that joins what exists:
// the other one's log is the longer one, it is elected, and sends all it has.
//
// Nobody else's data is ever touched, and nobody else's unit.
import { whyWithout } from '../core/facts.ts';
import type { FaultCall, FaultPlan } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { hostsWithRole, type HostPlan, type Topology } from '../core/topology.ts';
import { onHosts, type HostDeed } from './on-host.ts';
import { pidsOf, startUnit } from './processes.ts';

const CLIENT_PORT = 2379;
const PEER_PORT = 2380;
const KEPT = '/var/lib/holdfast/undo';
const DROP_INS = '/etc/systemd/system/etcd.service.d';
/** How long one attempt waits for the others' quorum; a timer makes another. */
const QUORUM_WITHIN_S = 15;

export const etcdDataLost = onHosts({
  name: 'etcd-data-lost',
  summary:
    "Kills an etcd member and deletes its data; healing replaces it without touching the others' data.",
  effect: ({ targets }) => ({
    processesDown: targets.map((host) => ({ host, process: 'etcd', how: 'killed' })),
  }),
  unavailable: ({ topology, targets }) => Promise.resolve(cannotBeMended(topology, targets)),
  deeds: (plan) => plan.targets.map((target) => deedOn(plan, target)),
  evidence: async (call) =>
    (
      await Promise.all(
        call.targets.map((target) => Promise.all([nothingIsLeft(call, target), nobodyAnswers(call, target)])),
      )
    ).flat(),
});

function cannotBeMended(topology: Topology, targets: readonly string[]): string | undefined {
  // Mending rests on etcd's unit as holdfast writes it: configured by its environment, in the clear.
  const foreign = whyWithout(topology, ['own build']);
  if (foreign !== undefined) return `${foreign}, and a member without data could not be made one again`;
  const members = hostsWithRole(topology, 'etcd');
  const stranger = targets.find((target) => !members.some(({ name }) => name === target));
  if (stranger !== undefined) return `${stranger} is no etcd host`;
  if (members.length < 2) return 'there is one etcd member only: with its data the cluster would be lost';
  return targets.length > 1
    ? `${targets.length} members without their data: what only they knew would be lost for good`
    : undefined;
}

function deedOn({ topology, id }: FaultPlan & { readonly id: string }, target: string): HostDeed {
  const plan = memberPlan(topology, target);
  const { member, lost, dropIn } = pathsOf(plan, id);
  return {
    host: target,
    // The condition holds across a reboot as well: without its data and without mending, etcd would begin a new cluster.
    deed: `[ -d ${member} ] || { echo "no data of etcd in ${member}" >&2; exit 1; }
mkdir -p ${DROP_INS}
printf '[Unit]\\nConditionPathExists=!${lost}\\n' > ${dropIn}
systemctl daemon-reload
touch ${lost}
systemctl kill --kill-who=all --signal=KILL etcd
for tenth in $(seq 100); do { ${pidsOf('etcd', {})}; } 2> /dev/null | grep -q . || break; sleep 0.1; done
mv ${member} ${member}.${id}
rm -rf ${member}.${id}`,
    undo: `rm -rf ${member}.${id}
if [ -e ${lost} ] && [ ! -e ${member} ]; then
${mend(topology, plan, id)}
else
  rm -f ${lost} ${dropIn}
  systemctl daemon-reload
  ${startUnit('etcd').replaceAll('\n', '\n  ')}
fi`,
  };
}

/** Shell: makes a member again of a host that has nothing. Any part of it may be repeated. */
function mend(topology: Topology, plan: HostPlan, id: string): string {
  const { lost, dropIn, environment } = pathsOf(plan, id);
  const hasOthers = hostsWithRole(topology, 'etcd').length > 2;
  return `${hasOthers ? replaceMember(topology, plan) : ''}
printf 'ETCD_INITIAL_CLUSTER_STATE="existing"\\n' > ${environment}
printf '[Service]\\nEnvironmentFile=-${environment}\\nExecStartPost=-+/bin/sh -c "rm -f ${dropIn} ${environment}; systemctl daemon-reload"\\n' > ${dropIn}
systemctl daemon-reload
rm -f ${lost}
${startUnit('etcd')}`;
}

/** Shell: only a member that once started is one that lost its data; one that was added a moment ago never did. */
function replaceMember(topology: Topology, { name, address, etcdName }: HostPlan): string {
  const others = hostsWithRole(topology, 'etcd').filter((other) => other.name !== name);
  const endpoints = others.map((other) => `http://${other.address}:${CLIENT_PORT}`).join(',');
  const etcdctl = `env ETCDCTL_API=3 etcdctl --endpoints=${endpoints} --dial-timeout=2s --command-timeout=3s`;
  const peer = `http://${address}:${PEER_PORT}`;
  return `for second in $(seq ${QUORUM_WITHIN_S}); do ${etcdctl} get holdfast > /dev/null 2>&1 && break || sleep 1; done
old=$(${etcdctl} member list | awk -F', ' '$2 == "started" && $4 == "${peer}" { print $1 }')
[ -z "$old" ] || ${etcdctl} member remove $old
${etcdctl} member list | grep -q ' ${peer},' || ${etcdctl} member add ${etcdName ?? name} --peer-urls=${peer}`;
}

function memberPlan(topology: Topology, target: string): HostPlan {
  const plan = topology.hosts.find(({ name }) => name === target);
  if (plan?.etcdDataDir === undefined) throw new Error(`${target} is no etcd host`);
  return plan;
}

function pathsOf(
  { etcdDataDir = '' }: HostPlan,
  id: string,
): Readonly<Record<'member' | 'lost' | 'dropIn' | 'environment', string>> {
  return {
    member: `${etcdDataDir}/member`,
    lost: `${KEPT}/${id}.lost`,
    dropIn: `${DROP_INS}/holdfast-${id}.conf`,
    environment: `${KEPT}/${id}.environment`,
  };
}

async function nothingIsLeft({ lab, topology }: FaultCall, target: string): Promise<Evidence> {
  const { etcdDataDir = '' } = memberPlan(topology, target);
  const script = `{ ${pidsOf('etcd', {})}; } 2> /dev/null | wc -l; ls -A ${etcdDataDir} | wc -l`;
  const { stdout } = await lab.host(target).run(['sh', '-c', script], { timeoutMs: 10_000 });
  const [processes = NaN, files = NaN] = stdout.trim().split('\n').map(Number);
  return {
    witness: `kernel of ${target}`,
    holds: processes === 0 && files === 0,
    detail: `${processes} processes of etcd, ${files} files in ${etcdDataDir}`,
  };
}

async function nobodyAnswers({ lab, topology }: FaultCall, target: string): Promise<Evidence> {
  const url = `http://${memberPlan(topology, target).address}:${CLIENT_PORT}/health`;
  const { exitCode } = await lab.observer.run(['curl', '-s', '-m', '2', url], {
    acceptExitCodes: [0, 7, 28, 52, 56],
    timeoutMs: 5_000,
  });
  return {
    witness: 'a request from the observer',
    holds: exitCode !== 0,
    detail: `${url} ${exitCode === 0 ? 'answers' : `does not answer (curl ${exitCode})`}`,
  };
}
