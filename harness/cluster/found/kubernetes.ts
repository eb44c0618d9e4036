// What the API of a found cluster says of itself.
import { HoldfastError } from '../../core/errors.ts';
import type { KubeClient } from '../kube-client.ts';
import { electionsWithoutLease, requireApi } from './api.ts';

export interface FoundNode {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly isReady: boolean;
  readonly runtime: 'containerd' | 'docker' | 'cri-o';
  readonly podCidr?: string;
}

export interface FoundKubernetes {
  /** "v1.20.2" */
  readonly version: string;
  readonly nodes: readonly FoundNode[];
  /** Whether logapi is there, as the scenarios of the workload want it. */
  readonly hasWorkload: boolean;
  /** Of the elections whose leaders scenarios strike, those that are not held by a lease. */
  readonly electionsWithoutLease: readonly string[];
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec?: { readonly podCIDR?: string };
    readonly status?: {
      readonly addresses?: readonly { readonly type: string; readonly address: string }[];
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
      readonly nodeInfo?: { readonly containerRuntimeVersion?: string };
    };
  }[];
}

/** @throws EnvironmentError where the API does not serve what holdfast asks for */
export async function askKubernetes(client: KubeClient): Promise<FoundKubernetes> {
  await requireApi(client);
  const [withoutLease, version, nodes, workload] = await Promise.all([
    electionsWithoutLease(client),
    ask<{ readonly gitVersion: string }>(client, '/version'),
    ask<NodeList>(client, '/api/v1/nodes'),
    client.request('GET', '/apis/apps/v1/namespaces/default/deployments/logapi'),
  ]);
  return {
    version: version.gitVersion,
    hasWorkload: workload.status === 200,
    electionsWithoutLease: withoutLease,
    nodes: nodes.items.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      addresses: (status?.addresses ?? [])
        .filter(({ type }) => type === 'InternalIP')
        .map(({ address }) => address),
      isReady: (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True'),
      runtime: runtimeOf(status?.nodeInfo?.containerRuntimeVersion),
      ...(spec?.podCIDR !== undefined && { podCidr: spec.podCIDR }),
    })),
  };
}

async function ask<T>(client: KubeClient, path: string): Promise<T> {
  const { status, body } = await client.request('GET', path);
  if (status !== 200)
    throw new HoldfastError(`the API answers GET ${path} with HTTP ${status}: ${body.slice(0, 300)}`);
  return JSON.parse(body) as T;
}

/** "containerd://1.6.20" */
function runtimeOf(version = ''): FoundNode['runtime'] {
  const [scheme] = version.split('://');
  return scheme === 'docker' || scheme === 'cri-o' ? scheme : 'containerd';
}
