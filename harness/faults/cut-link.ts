// The links between two lists of hosts are cut, or no more than some TCP ports on them: masters from etcd, etcd from etcd.
import { UsageError } from '../core/errors.ts';
import type { Fault, FaultCall, FaultPlan } from '../core/fault.ts';
import type { Evidence } from '../core/record.ts';
import { cutFault, cutsBetween, cutsInEffect, DIRECTION_PARAMETER, type Cut } from './network-cuts.ts';
import { addressOf, hostsMeant, ownTargets } from './network-hosts.ts';
import { awake } from './network-witnesses.ts';

export const cutLink: Fault = cutFault({
  name: 'cut-link',
  summary: 'Cuts the links between its targets and other hosts, or only some TCP ports on them.',
  parameters: {
    to: { summary: 'the other ends: hosts or roles (masters, nodes, etcd), with commas' },
    direction: DIRECTION_PARAMETER,
    ports: { summary: 'only TCP from or to these ports, with commas; 2379,2380 is etcd', default: '' },
  },
  cuts: cutsOf,
  only: (plan) =>
    portsOf(plan).length === 0 ? undefined : `-p tcp -m multiport --ports ${portsOf(plan).join(',')}`,
  effect: (plan) => {
    const ports = portsOf(plan);
    if (ports.length === 0) return cutsInEffect(cutsOf(plan));
    // The oracle knows of no link that is cut for some ports only.
    const by = `TCP ${ports.join(', ')} between it and ${othersOf(plan).join(', ')} is lost`;
    return { impaired: ownTargets(plan).map((host) => ({ host, by })) };
  },
  witnesses: (call) => (portsOf(call).length === 0 ? undefined : noneConnects(call)),
});

function cutsOf(plan: FaultPlan): readonly Cut[] {
  const cuts = cutsBetween(ownTargets(plan), othersOf(plan), plan.params['direction']);
  if (cuts.length > 0) return cuts;
  throw new UsageError('cut-link needs two ends: nobody in "to" is another host than its targets');
}

function othersOf({ topology, params }: FaultPlan): readonly string[] {
  return hostsMeant(topology, String(params['to']));
}

/** @throws UsageError for what is no port */
function portsOf({ params }: FaultPlan): readonly number[] {
  const text = String(params['ports']);
  if (text === '') return [];
  return text.split(',').map((part) => {
    const port = Number(part);
    if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
    throw new UsageError(`ports of cut-link are numbers with commas between; not "${text}"`);
  });
}

/** As with pings, both ends try: a connection fails when its question is lost as well as when its answer is. */
async function noneConnects(call: FaultCall): Promise<readonly Evidence[]> {
  const senders = await awake(call, [...new Set(cutsOf(call).map(({ from }) => from))]);
  return Promise.all(senders.map((host) => noConnectionFrom(call, host)));
}

async function noConnectionFrom(call: FaultCall, host: string): Promise<Evidence> {
  const { lab, topology } = call;
  const others = [...new Set(cutsOf(call).flatMap(({ from, to }) => (from === host ? [to] : [])))];
  const ends = others.flatMap((other) => portsOf(call).map((port) => ({ other, port })));
  const tries = ends.map(({ other, port }) => {
    const connect = `socat -u OPEN:/dev/null TCP4:${addressOf(topology, other)}:${port},connect-timeout=1`;
    return `{ ${connect} 2> /dev/null && echo ${other}:${port}; } &`;
  });
  const argv = ['sh', '-c', [...tries, 'wait'].join('\n')];
  const { stdout } = await lab.host(host).run(argv, { timeoutMs: 10_000 });
  const connected = stdout.split('\n').filter((line) => line !== '');
  const tried = ends.map(({ other, port }) => `${other}:${port}`).join(', ');
  return {
    witness: `connections from ${host}`,
    holds: connected.length === 0,
    detail: connected.length === 0 ? `none to ${tried}` : `${connected.join(', ')} can be reached`,
  };
}
