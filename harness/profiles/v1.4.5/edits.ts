// What the seed does to a file with an editor, as functions of its text. What is as it should be comes back as it was.
import { parse, parseAllDocuments, stringify } from 'yaml';
import { HoldfastError } from '../../core/errors.ts';
import { API_GROUPS, CLUSTER_DNS } from './names.ts';
import type { SeedEdit } from './row.ts';

const DNS_LINE = `Environment="KUBELET_DNS_ARGS=--cluster-dns=${CLUSTER_DNS} --cluster-domain=cluster.local"`;
const KEEPALIVED_LINE = 'KEEPALIVED_OPTIONS="-D -d -S 0"';
const ON_MASTERS = { 'kubeadm.alpha.kubernetes.io/role': 'master' };
/** What the server adds to an object, and takes back from nobody. */
const SERVERS_OWN = ['creationTimestamp', 'generation', 'resourceVersion', 'selfLink', 'uid'];

type Tree = Record<string, unknown>;

/** @throws HoldfastError that says what was expected in the file */
export function edited(edit: SeedEdit, text: string): string {
  switch (edit) {
    case 'cluster-dns':
      return lineSet(text, /^Environment="KUBELET_DNS_ARGS=.*$/m, DNS_LINE, '[Service]');
    case 'keepalived-options':
      return lineSet(text, /^KEEPALIVED_OPTIONS=.*$/m, KEEPALIVED_LINE);
    case 'leader-elect':
      return withLeaderElection(text);
    case 'kube-dns-on-masters':
      return kubeDns(text, 'Deployment');
    case 'kube-dns-as-daemonset':
      return kubeDns(text, 'DaemonSet');
  }
}

/** A manifest for a cluster of that age: its API groups, and no field that it does not know. */
export function manifestOfThatAge(text: string): string {
  return parseAllDocuments(text)
    .map((document) => {
      const object = document.toJS() as Tree;
      const kind = String(object['kind']);
      const group = API_GROUPS[kind];
      if (group === undefined) return stringify(object);
      const template = tree(tree(object, 'spec'), 'template');
      // Tolerations were an annotation then, and what is not tolerated is evicted after five minutes.
      const podSpec = without(tree(template, 'spec'), ['tolerations']);
      const spec = { ...tree(object, 'spec'), template: { ...template, spec: podSpec } };
      return stringify({ ...object, apiVersion: group, spec });
    })
    .join('---\n');
}

/** The line that matches is exchanged; without one it is put behind the line `after`, or at the end. */
function lineSet(text: string, matching: RegExp, line: string, after?: string): string {
  // As a function: a text would have "$&" and the like filled in.
  if (matching.test(text)) return text.replace(matching, () => line);
  if (after !== undefined && text.includes(`${after}\n`)) {
    return text.replace(`${after}\n`, () => `${after}\n${line}\n`);
  }
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${line}\n`;
}

/** Of a static pod with one container. */
function withLeaderElection(text: string): string {
  const pod = JSON.parse(text) as { spec?: { containers?: { command?: string[] }[] } };
  const words = pod.spec?.containers?.[0]?.command;
  if (!words) throw new HoldfastError('expected a pod with a container and its command in the manifest');
  if (words.some((word) => word === '--leader-elect' || word === '--leader-elect=true')) return text;
  const others = words.filter((word) => !word.startsWith('--leader-elect='));
  words.splice(0, words.length, ...others, '--leader-elect');
  return `${JSON.stringify(pod, undefined, 2)}\n`;
}

function kubeDns(text: string, kind: 'Deployment' | 'DaemonSet'): string {
  const object = parse(text) as Tree;
  if (object['kind'] !== 'Deployment' && object['kind'] !== kind) {
    throw new HoldfastError(`expected the exported Deployment kube-dns, not kind ${String(object['kind'])}`);
  }
  const rest = without(object, ['status']);
  const spec = tree(rest, 'spec');
  const template = tree(spec, 'template');
  const { replicas, strategy, ...common } = spec;
  const after = {
    ...rest,
    apiVersion: API_GROUPS[kind],
    kind,
    metadata: without(tree(rest, 'metadata'), SERVERS_OWN),
    spec: {
      ...(kind === 'Deployment' && {
        ...(replicas !== undefined && { replicas }),
        ...(strategy !== undefined && { strategy }),
      }),
      ...common,
      template: {
        ...template,
        metadata: without(tree(template, 'metadata'), SERVERS_OWN),
        spec: { ...tree(template, 'spec'), nodeSelector: ON_MASTERS },
      },
    },
  };
  return stringify(after) === stringify(object) ? text : stringify(after);
}

function tree(parent: Tree, key: string): Tree {
  const value = parent[key];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Tree;
  throw new HoldfastError(`expected a mapping under "${key}" in the manifest`);
}

function without(object: Tree, keys: readonly string[]): Tree {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
