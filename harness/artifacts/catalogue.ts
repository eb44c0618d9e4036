// Every image of ours as data: what it is made from and how. The order is free, the parents decide.
import type { Profile } from '../profiles/index.ts';
import type { DebianSource } from '../profiles/profile.ts';
import { COMPONENTS, PROGRAMS, type Component } from './release/layout.ts';
import type { ReleaseArtefacts } from './release/index.ts';

export interface ImageSpec {
  /** The last part of its tag, holdfast/<name>:<hash>. */
  readonly name: string;
  readonly recipe: Recipe;
}

export type Recipe = DebianRecipe | BuildRecipe | ImportRecipe | BakeRecipe;

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

/** An image of files from the store of releases and nothing else. */
export interface ImportRecipe {
  readonly kind: 'import';
  /** Path in the image → name in the store, which is the file's digest. */
  readonly files: Readonly<Record<string, string>>;
}

/** An image plus container images in containerd's store, so that hosts made from it import nothing. */
interface BakeRecipe {
  readonly kind: 'bake';
  readonly parent: string;
  readonly containerImages: readonly ContainerImage[];
}

export type ContainerImage = {
  /** Full name that containerd on the host knows it by. */
  readonly as: string;
} & (BuiltImage | ReleasedImage);

interface BuiltImage {
  /** Name of the image of ours. */
  readonly from: string;
}

interface ReleasedImage {
  /** Name in the store of releases. */
  readonly archive: string;
  /** The image's name in that archive. */
  readonly reference: string;
}

/** The seed's log service, by the names that a pod's spec uses. */
export const LOGAPI_IMAGES = { v1: 'holdfast/logapi:v1', v2: 'holdfast/logapi:v2' } as const;

/** The stand-in for the cluster's DNS, by the name that its pods' spec uses. */
export const KUBE_DNS_IMAGE = 'holdfast/kube-dns:stand-in';

/** As containerd's configuration in fixtures/images/host-system has it. */
const SANDBOX_IMAGE = 'k8s.gcr.io/pause:3.2';

/** The images that a provider makes containers from; all others are on the way to them. */
export const PROVIDER_IMAGES = ['host', 'observer'] as const;

/** rpm-host: without Kubernetes, with rpm and yum, for v1.4.5; it is made when it is asked for. */
export type HostImage = 'host' | 'rpm-host';

/**
 * @param release what was fetched of a profile that is a release
 * @throws Error when it is missing
 */
export function imageSpecs(profile: Profile, release?: ReleaseArtefacts): readonly ImageSpec[] {
  const fromBase = { BASE_IMAGE: 'base' };
  const fromHostSystem = { HOST_SYSTEM_IMAGE: 'host-system', KUBERNETES_IMAGE: 'kubernetes' };
  const kubernetes = kubernetesOf(profile, release);
  return [
    { name: 'debian', recipe: { kind: 'debian', suite: 'bookworm', registryImage: 'debian:bookworm-slim' } },
    build('base', 'base', { DEBIAN_IMAGE: 'debian' }),
    ...kubernetes.specs,
    bundled('logapi', fromBase, { entry: 'server.ts', output: 'server.mjs' }),
    build('logapi-v1', 'logapi-version', { LOGAPI_IMAGE: 'logapi' }, { LOGAPI_VERSION: 'v1' }),
    build('logapi-v2', 'logapi-version', { LOGAPI_IMAGE: 'logapi' }, { LOGAPI_VERSION: 'v2' }),
    bundled(
      'kube-dns',
      { ...fromBase, LOGAPI_IMAGE: 'logapi' },
      { entry: 'kube-dns.ts', output: 'kube-dns.mjs' },
    ),
    build('observer', 'observer', fromBase),
    build('host-system', 'host-system', fromBase),
    build('rpm-host', 'rpm-host', { HOST_SYSTEM_IMAGE: 'host-system' }),
    build('host-programs', 'host', fromHostSystem),
    {
      name: 'host',
      recipe: {
        kind: 'bake',
        parent: 'host-programs',
        containerImages: [...kubernetes.containerImages, ...WORKLOAD_IMAGES],
      },
    },
  ];
}

interface KubernetesImages {
  readonly specs: readonly ImageSpec[];
  /** Under the names that kubeadm uses. */
  readonly containerImages: readonly ContainerImage[];
}

function kubernetesOf(profile: Profile, release: ReleaseArtefacts | undefined): KubernetesImages {
  const { source } = profile;
  if (source.kind === 'debian-source') return builtKubernetes(profile, source);
  if (!release) throw new Error(`${profile.name}: nothing of it was fetched`);
  return releasedKubernetes(profile, release);
}

function builtKubernetes({ images }: Profile, source: DebianSource): KubernetesImages {
  const fromKubernetes = { KUBERNETES_IMAGE: 'kubernetes' };
  const fromHostSystem = { HOST_SYSTEM_IMAGE: 'host-system', ...fromKubernetes };
  return {
    specs: [
      build(
        'kubernetes',
        'kubernetes',
        { BASE_IMAGE: 'base' },
        {
          SOURCE_PACKAGE: source.debianSourcePackage,
          KUBERNETES_VERSION: source.gitVersion,
          KUBERNETES_COMMANDS: source.programs.join(' '),
        },
      ),
      build('kube-apiserver', 'control-plane', fromKubernetes, { PROGRAM: 'kube-apiserver' }),
      build('kube-controller-manager', 'control-plane', fromKubernetes, {
        PROGRAM: 'kube-controller-manager',
      }),
      build('kube-scheduler', 'control-plane', fromKubernetes, { PROGRAM: 'kube-scheduler' }),
      build('kube-proxy', 'kube-proxy', fromHostSystem),
      build('pause', 'pause', fromKubernetes),
    ],
    containerImages: [
      { from: 'kube-apiserver', as: images.apiServer },
      { from: 'kube-controller-manager', as: images.controllerManager },
      { from: 'kube-scheduler', as: images.scheduler },
      { from: 'kube-proxy', as: images.kubeProxy },
      { from: 'pause', as: images.pause },
    ],
  };
}

function releasedKubernetes({ images }: Profile, release: ReleaseArtefacts): KubernetesImages {
  const names: Readonly<Record<Component, string>> = {
    'kube-apiserver': images.apiServer,
    'kube-controller-manager': images.controllerManager,
    'kube-scheduler': images.scheduler,
    'kube-proxy': images.kubeProxy,
  };
  const files = Object.fromEntries(PROGRAMS.map((program) => [program, release.programs[program]]));
  return {
    specs: [
      { name: 'kubernetes', recipe: { kind: 'import', files } },
      build('pause', 'pause-program', { BASE_IMAGE: 'base' }),
    ],
    containerImages: [
      ...COMPONENTS.map((component) => ({ ...release.images[component], as: names[component] })),
      ...[...new Set([images.pause, SANDBOX_IMAGE])].map((as) => ({ from: 'pause', as })),
    ],
  };
}

/** What a cluster runs besides, under the names that the manifests use. */
const WORKLOAD_IMAGES: readonly ContainerImage[] = [
  { from: 'logapi-v1', as: `docker.io/${LOGAPI_IMAGES.v1}` },
  { from: 'logapi-v2', as: `docker.io/${LOGAPI_IMAGES.v2}` },
  { from: 'kube-dns', as: `docker.io/${KUBE_DNS_IMAGE}` },
];

function bundled(
  name: string,
  parents: Readonly<Record<string, string>>,
  bundle: NonNullable<BuildRecipe['bundle']>,
): ImageSpec {
  return { name, recipe: { kind: 'build', context: name, parents, args: {}, bundle } };
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
    case 'import':
      return [];
    case 'build':
      return Object.values(recipe.parents);
    case 'bake':
      return [
        recipe.parent,
        ...recipe.containerImages.flatMap((image) => ('from' in image ? [image.from] : [])),
      ];
  }
}
