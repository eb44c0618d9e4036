// The seed's application as an operator handles it: scaled, rolled to another version, its pods deleted. Asks the API as
// kubectl does, and never waits: what is to be reached is the scenario's to say.
import { HoldfastError } from '../core/errors.ts';
import type { Ask } from './ledger.ts';

const NAMESPACE = '/namespaces/default';
const DEPLOYMENT = `/apis/apps/v1${NAMESPACE}/deployments/logapi`;
const PODS = `/api/v1${NAMESPACE}/pods`;
/** As fixtures/manifests/logapi.yaml deploys it. */
export const LOGAPI_AS_DEPLOYED = { replicas: 6, version: 'v1' } as const;
/** Whoever changes an object reads it first; if another one was quicker, it is read anew (HTTP 409). */
const CHANGE_ATTEMPTS = 5;

export interface LogapiState {
  readonly wanted: number;
  readonly available: number;
  /** Pods of the version that is wanted now. */
  readonly updated: number;
  /** Pods of any version, without those whose deletion has begun. */
  readonly total: number;
  /** v1, v2: the image's tag. */
  readonly version: string;
  /** The controller has seen what is wanted now: until then the other numbers are of before. */
  readonly observed: boolean;
}

export interface LogapiPod {
  readonly name: string;
  readonly node: string | undefined;
  readonly version: string;
  readonly ready: boolean;
  /** Its deletion has begun. */
  readonly deleting: boolean;
  /** How often its container was started again. */
  readonly restarts: number;
}

export class Logapi {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async state(): Promise<LogapiState> {
    const { metadata, spec, status = {} } = await this.#deployment();
    return {
      wanted: spec.replicas,
      available: status.availableReplicas ?? 0,
      updated: status.updatedReplicas ?? 0,
      total: status.replicas ?? 0,
      version: versionOf(spec.template),
      observed: (status.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    };
  }

  /** All there were, also those whose deletion has begun, by name. */
  async pods(): Promise<readonly LogapiPod[]> {
    const { items } = (await this.#get(`${PODS}?labelSelector=app%3Dlogapi`)) as { readonly items: Pod[] };
    return items
      .map(({ metadata, spec, status = {} }) => ({
        name: metadata.name,
        node: spec.nodeName,
        version: versionOf({ spec }),
        ready: status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
        deleting: metadata.deletionTimestamp !== undefined,
        restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
      }))
      .toSorted((one, other) => one.name.localeCompare(other.name));
  }

  async scaleTo(replicas: number): Promise<void> {
    await this.#change((deployment) => ({ ...deployment, spec: { ...deployment.spec, replicas } }));
  }

  /** Begins a rolling update, as far as the deployment is not of that version. */
  async rollTo(version: string): Promise<void> {
    await this.#change((deployment) => withVersion(deployment, version));
  }

  async deletePod(name: string): Promise<void> {
    const { status, body } = await this.#ask('DELETE', `${PODS}/${name}`);
    if (status !== 200 && status !== 202) throw unexpected('DELETE', `${PODS}/${name}`, status, body);
  }

  /** As it was deployed; asks for nothing where it is. Whether it was changed. */
  async restore(): Promise<boolean> {
    const { replicas, version } = LOGAPI_AS_DEPLOYED;
    const { wanted, version: now } = await this.state();
    if (wanted === replicas && now === version) return false;
    await this.#change((deployment) => {
      const restored = withVersion(deployment, version);
      return { ...restored, spec: { ...restored.spec, replicas } };
    });
    return true;
  }

  async #change(change: (deployment: Deployment) => Deployment): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const { status, body } = await this.#ask('PUT', DEPLOYMENT, change(await this.#deployment()));
      if (status === 200) return;
      if (status !== 409 || attempt === CHANGE_ATTEMPTS) throw unexpected('PUT', DEPLOYMENT, status, body);
    }
  }

  async #deployment(): Promise<Deployment> {
    return (await this.#get(DEPLOYMENT)) as Deployment;
  }

  async #get(path: string): Promise<unknown> {
    const { status, body } = await this.#ask('GET', path);
    if (status !== 200) throw unexpected('GET', path, status, body);
    return JSON.parse(body) as unknown;
  }
}

/** What is left to do until so many pods of a version, and no others, are there; undefined when nothing is. */
export function missingOf(
  state: LogapiState,
  { replicas, version }: { readonly replicas: number; readonly version: string },
): string | undefined {
  const { wanted, available, updated, total, observed } = state;
  const isThere =
    observed &&
    state.version === version &&
    [wanted, available, updated, total].every((number) => number === replicas);
  return isThere ? undefined : inWords(state);
}

export function inWords({ wanted, available, updated, total, version, observed }: LogapiState): string {
  const seen = observed ? '' : ', not yet seen by its controller';
  return `${available} available of ${wanted} wanted, ${updated} of ${total} are ${version}${seen}`;
}

interface Template {
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

interface Deployment {
  readonly metadata: { readonly generation?: number };
  readonly spec: { readonly replicas: number; readonly template: Template };
  readonly status?: {
    readonly replicas?: number;
    readonly availableReplicas?: number;
    readonly updatedReplicas?: number;
    readonly observedGeneration?: number;
  };
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: Template['spec'] & { readonly nodeName?: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

function versionOf({ spec }: Template): string {
  return /:([^:/]+)$/.exec(spec.containers[0]?.image ?? '')?.[1] ?? 'unknown';
}

function withVersion(deployment: Deployment, version: string): Deployment {
  const { template } = deployment.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image: container.image.replace(/:[^:/]+$/, `:${version}`),
  }));
  return {
    ...deployment,
    spec: { ...deployment.spec, template: { ...template, spec: { ...template.spec, containers } } },
  };
}

function unexpected(method: string, path: string, status: number, body: string): HoldfastError {
  return new HoldfastError(`${method} ${path}: HTTP ${status} ${body.slice(0, 300)}`);
}
