// What the API of a found cluster serves, by its own discovery documents, beside what holdfast asks it for. Better told when a
// cluster is looked at than by a 404 in the middle of a scenario.
import { EnvironmentError, HoldfastError } from '../../core/errors.ts';
import type { KubeClient } from '../kube-client.ts';

interface Wanted {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  /** Resource → what is done with it. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
}

/** All of it is stable since v1.14, and nothing of it is deprecated. */
const WANTED: readonly Wanted[] = [
  {
    group: '',
    version: 'v1',
    resources: {
      namespaces: ['create', 'delete'],
      configmaps: ['create', 'list', 'watch', 'deletecollection'],
      nodes: ['list', 'watch'],
      pods: ['list', 'watch'],
      services: ['get'],
    },
  },
  {
    group: 'apps',
    version: 'v1',
    resources: { deployments: ['get', 'list', 'update'], daemonsets: ['list'] },
  },
  { group: 'coordination.k8s.io', version: 'v1', resources: { leases: ['get', 'list', 'watch'] } },
];

/** Whose leaders scenarios strike: by these leases they are elected, unless somebody has set another lock or name. */
const ELECTIONS = ['kube-controller-manager', 'kube-scheduler'];
const ELECTIONS_PATH = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

interface GroupList {
  readonly groups: readonly {
    readonly name: string;
    readonly versions: readonly { readonly version: string }[];
  }[];
}

interface LeaseList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

export type ApiAsked = Pick<KubeClient, 'request'>;

/** @throws EnvironmentError that says what is not served, and what is instead */
export async function requireApi(api: ApiAsked): Promise<void> {
  const lacking = (await Promise.all(WANTED.map((wanted) => lackingOf(api, wanted)))).flat();
  if (lacking.length === 0) return;
  throw new EnvironmentError(`the API does not serve what holdfast asks for: ${lacking.join('; ')}`, {
    hint: 'compare with kubectl api-versions and kubectl api-resources --verbs=list,watch -o wide',
  });
}

/** Elections of which there is no lease. */
export async function electionsWithoutLease(api: ApiAsked): Promise<readonly string[]> {
  const list = await read<LeaseList>(api, ELECTIONS_PATH);
  const names = new Set((list?.items ?? []).map(({ metadata }) => metadata.name));
  return ELECTIONS.filter((name) => !names.has(name));
}

async function lackingOf(api: ApiAsked, { group, version, resources }: Wanted): Promise<readonly string[]> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const list = await read<ResourceList>(api, path);
  if (!list) return [`no ${path.replace(/^\/apis?\//, '')}, ${await versionsOf(api, group)}`];
  return Object.entries(resources).flatMap(([name, wanted]) => {
    const verbs = list.resources.find((one) => one.name === name)?.verbs;
    if (!verbs) return [`no ${name} in ${path}`];
    const without = wanted.filter((verb) => !verbs.includes(verb));
    return without.length === 0 ? [] : [`${name} in ${path} without ${without.join(', ')}`];
  });
}

async function versionsOf(api: ApiAsked, group: string): Promise<string> {
  const groups = await read<GroupList>(api, '/apis');
  const found = groups?.groups.find(({ name }) => name === group);
  return found
    ? `but ${found.versions.map(({ version }) => version).join(', ')}`
    : 'nor any other version of it';
}

/** undefined: there is no such thing. */
async function read<T>(api: ApiAsked, path: string): Promise<T | undefined> {
  const { status, body } = await api.request('GET', path);
  if (status === 404) return undefined;
  if (status === 200) return JSON.parse(body) as T;
  throw new HoldfastError(`the API answers GET ${path} with HTTP ${status}: ${body.slice(0, 300)}`);
}
