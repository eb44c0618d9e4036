// Every image of ours as data: what it is made from and how. The order is free, the parents decide.
import type { Profile } from '../profiles/index.ts';

export interface ImageSpec {
  /** The last part of its tag, holdfast/<name>:<hash>. */
  readonly name: string;
  readonly recipe: Recipe;
}

export type Recipe = DebianRecipe | BuildRecipe | BakeRecipe;

/** Debian's root file system: pulled where a registry answers, bootstrapped from Debian's packages where none does. */
export interface DebianRecipe {
  readonly kind: 'debian';
  readonly suite: string;
  readonly registryImage: string;
}

/** A Dockerfile in its folder under fixtures/images. */
export interface BuildRecipe {
  readonly kind: 'build';
  readonly context: string;
  /** Build argument → name of the image it stands for. */
  readonly parents: Readonly<Record<string, string>>;
  readonly args: Readonly<Record<string, string>>;
  /** A TypeScript program of the context that its Dockerfile wants as one JavaScript file. */
  readonly bundle?: { readonly entry: string; readonly output: string };
}

/** An image plus container images in containerd's store, so that hosts made from it import nothing. */
interface BakeRecipe {
  readonly kind: 'bake';
  readonly parent: string;
  readonly containerImages: readonly ContainerImage[];
}

export interface ContainerImage {
  /** Name of the image of ours. */
  readonly from: string;
  /** Full name that containerd on the host knows it by. */
  readonly as: string;
}

/** The seed's log service, by the names that a pod's spec uses. */
export const LOGAPI_IMAGES = { v1: 'holdfast/logapi:v1', v2: 'holdfast/logapi:v2' } as const;

/** The stand-in for the cluster's DNS, by the name that its pods' spec uses. */
export const KUBE_DNS_IMAGE = 'holdfast/kube-dns:stand-in';

/** The images that a provider makes containers from; all others are on the way to them. */
export const PROVIDER_IMAGES = ['host', 'observer'] as const;

/** rpm-host: without Kubernetes, with rpm and yum, for v1.4.5; it is made when it is asked for. */
export type HostImage = 'host' | 'rpm-host';

export function imageSpecs(profile: Profile): readonly ImageSpec[] {
  const { source } = profile;
  const fromKubernetes = { KUBERNETES_IMAGE: 'kubernetes' };
  const fromBase = { BASE_IMAGE: 'base' };
  const fromHostSystem = { HOST_SYSTEM_IMAGE: 'host-system', ...fromKubernetes };
  return [
    { name: 'debian', recipe: { kind: 'debian', suite: 'bookworm', registryImage: 'debian:bookworm-slim' } },
    build('base', 'base', { DEBIAN_IMAGE: 'debian' }),
    build('kubernetes', 'kubernetes', fromBase, {
      SOURCE_PACKAGE: source.debianSourcePackage,
      KUBERNETES_VERSION: source.gitVersion,
      KUBERNETES_COMMANDS: source.programs.join(' '),
    }),
    build('kube-apiserver', 'control-plane', fromKubernetes, { PROGRAM: 'kube-apiserver' }),
    build('kube-controller-manager', 'control-plane', fromKubernetes, { PROGRAM: 'kube-controller-manager' }),
    build('kube-scheduler', 'control-plane', fromKubernetes, { PROGRAM: 'kube-scheduler' }),
    build('kube-proxy', 'kube-proxy', fromHostSystem),
    build('pause', 'pause', fromKubernetes),
    {
      name: 'logapi',
      recipe: {
        kind: 'build',
        context: 'logapi',
        parents: fromBase,
        args: {},
        bundle: { entry: 'server.ts', output: 'server.mjs' },
      },
    },
    build('logapi-v1', 'logapi-version', { LOGAPI_IMAGE: 'logapi' }, { LOGAPI_VERSION: 'v1' }),
    build('logapi-v2', 'logapi-version', { LOGAPI_IMAGE: 'logapi' }, { LOGAPI_VERSION: 'v2' }),
    {
      name: 'kube-dns',
      recipe: {
        kind: 'build',
        context: 'kube-dns',
        parents: { ...fromBase, LOGAPI_IMAGE: 'logapi' },
        args: {},
        bundle: { entry: 'kube-dns.ts', output: 'kube-dns.mjs' },
      },
    },
    build('observer', 'observer', fromBase),
    build('host-system', 'host-system', fromBase),
    build('rpm-host', 'rpm-host', { HOST_SYSTEM_IMAGE: 'host-system' }),
    build('host-programs', 'host', fromHostSystem),
    {
      name: 'host',
      recipe: { kind: 'bake', parent: 'host-programs', containerImages: containerImages(profile) },
    },
  ];
}

/** What a cluster runs in containers, under the names that kubeadm and the manifests use. */
function containerImages(profile: Profile): readonly ContainerImage[] {
  return [
    { from: 'kube-apiserver', as: profile.images.apiServer },
    { from: 'kube-controller-manager', as: profile.images.controllerManager },
    { from: 'kube-scheduler', as: profile.images.scheduler },
    { from: 'kube-proxy', as: profile.images.kubeProxy },
    { from: 'pause', as: profile.images.pause },
    { from: 'logapi-v1', as: `docker.io/${LOGAPI_IMAGES.v1}` },
    { from: 'logapi-v2', as: `docker.io/${LOGAPI_IMAGES.v2}` },
    { from: 'kube-dns', as: `docker.io/${KUBE_DNS_IMAGE}` },
  ];
}

function build(
  name: string,
  context: string,
  parents: Readonly<Record<string, string>>,
  args: Readonly<Record<string, string>> = {},
): ImageSpec {
  return { name, recipe: { kind: 'build', context, parents, args } };
}

/** Names of the images that must be there first. */
export function parentsOf(recipe: Recipe): readonly string[] {
  switch (recipe.kind) {
    case 'debian':
      return [];
    case 'build':
      return Object.values(recipe.parents);
    case 'bake':
      return [recipe.parent, ...recipe.containerImages.map((image) => image.from)];
  }
}
