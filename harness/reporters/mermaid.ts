// diagrams/*.mmd: topology, the run's course, and the sequence of each failover, as Mermaid text.
import type { ScenarioDigest } from '../core/report.ts';
import type { RunResultFile, ScenarioResult } from '../core/result.ts';
import type { HostPlan, Topology } from '../core/topology.ts';
import { nameOf, pairs, since } from './digest.ts';
import type { Reporter } from './reporter.ts';

const FOLDER = 'diagrams/';
/** More than this nobody reads. */
const MOMENTS_MAX = 20;

export const mermaid: Reporter = {
  name: 'mermaid',
  summary: 'topology, course of the run and sequence of each failover as Mermaid diagrams',
  file: FOLDER,
  render: (report) => ({
    [`${FOLDER}topology.mmd`]: topologyDiagram(report.topology),
    [`${FOLDER}run.mmd`]: runDiagram(report.result),
    ...Object.fromEntries(
      pairs(report).map(({ digest, result }) => [
        `${FOLDER}${fileNameOf(result)}.mmd`,
        sequenceDiagram(digest, result),
      ]),
    ),
  }),
};

function fileNameOf(scenario: ScenarioResult): string {
  return nameOf(scenario)
    .replaceAll(/[^\w-]+/g, '-')
    .replaceAll(/-+$/g, '');
}

export function topologyDiagram({ hosts, vip, observer, keepalived }: Topology): string {
  const id = (host: { readonly address: string }): string => `h${host.address.replaceAll('.', '_')}`;
  const of = (role: HostPlan['roles'][number]): HostPlan[] =>
    hosts.filter(({ roles }) => roles.includes(role));
  const masters = of('master');
  const etcd = of('etcd');
  const box = (host: HostPlan): string => {
    const priority = host.priority === undefined ? '' : `<br/>priority ${host.priority}`;
    return `  ${id(host)}["${host.name}<br/>${host.address}<br/>${host.roles.join(', ')}${priority}"]`;
  };
  return [
    'flowchart TB',
    `  observer(["${observer.name}<br/>${observer.address}"])`,
    `  vip{{"VIP ${vip.address}/${vip.prefixLength}<br/>VRID ${keepalived.virtualRouterId}"}}`,
    ...hosts.map(box),
    '  observer --> vip',
    ...masters.map((master) => `  vip -.-> ${id(master)}`),
    ...masters.flatMap((master) => etcd.map((member) => `  ${id(master)} --> ${id(member)}`)),
    ...of('node').map((node) => `  ${id(node)} --> vip`),
    '',
  ].join('\n');
}

/** @returns empty scenarios too: what was begun is shown */
export function runDiagram({ run, scenarios, provision }: RunResultFile): string {
  const firstMs = scenarios[0]?.startedAtMs ?? 0;
  const bar = (name: string, tag: string, fromMs: number, toMs: number): string =>
    `    ${plain(name)} :${tag}${Math.round(fromMs)}, ${Math.round(Math.max(toMs, fromMs + 1))}`;
  return [
    'gantt',
    `  title Run ${run.id}`,
    '  dateFormat x',
    '  axisFormat %M:%S',
    ...(provision.totalMs > 0
      ? ['  section Getting ready', bar('cluster', '', Math.max(0, firstMs - provision.totalMs), firstMs)]
      : []),
    ...scenarios.flatMap((scenario) => [
      `  section ${plain(nameOf(scenario))}`,
      bar(
        scenario.verdict,
        scenario.verdict === 'pass' ? 'done, ' : 'crit, ',
        scenario.startedAtMs,
        scenario.finishedAtMs ?? scenario.startedAtMs,
      ),
      ...scenario.faults.flatMap(({ kind, injectedAtMs, healedAtMs }) =>
        injectedAtMs === undefined ? [] : [bar(kind, 'active, ', injectedAtMs, healedAtMs ?? injectedAtMs)],
      ),
    ]),
    '',
  ].join('\n');
}

/** The course of a scenario between a client, the masters and what they did. */
export function sequenceDiagram({ story }: ScenarioDigest, { vip, faults, name }: ScenarioResult): string {
  const struck = faults.flatMap(({ target }) => target.split(','));
  const movers = vip.moves.flatMap(({ from, to }) => [from, to]).filter((host) => host !== undefined);
  const hosts = [...new Set([...struck, ...movers])];
  const lines = story.slice(0, MOMENTS_MAX).map((line) => {
    const whom = hosts.find((host) => line.text.includes(host));
    const text = plain(`${since(line)} ${line.text}`);
    return whom === undefined ? `  Note over client: ${text}` : `  Note over ${idOf(whom)}: ${text}`;
  });
  return [
    'sequenceDiagram',
    `  %% ${name}`,
    '  participant client',
    ...hosts.map((host) => `  participant ${idOf(host)} as ${host}`),
    ...lines,
    ...(story.length > MOMENTS_MAX ? [`  Note over client: and ${story.length - MOMENTS_MAX} more`] : []),
    '',
  ].join('\n');
}

function idOf(host: string): string {
  return `h${host.replaceAll(/\W/g, '_')}`;
}

/** What Mermaid's grammar takes as text: no colon, semicolon or hash, which begin something else there. */
function plain(text: string): string {
  return text.replaceAll(/[:;#]/g, ',').replaceAll('\n', ' ');
}
