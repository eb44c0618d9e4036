// The official layout of a release, below a base that the user names.

/** Programs that hosts run themselves. */
export const PROGRAMS = ['kubelet', 'kubeadm', 'kubectl'] as const;
/** Components that run in containers; each comes as an archive of its image. */
export const COMPONENTS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
] as const;

export type Component = (typeof COMPONENTS)[number];

/** What of a release a cluster is made from. */
export const FILES: readonly string[] = [...PROGRAMS, ...COMPONENTS.map((component) => `${component}.tar`)];

const PLATFORM = 'linux/amd64';

/** One file by itself. */
export function filePath(version: string, file: string): string {
  return `${version}/bin/${PLATFORM}/${file}`;
}

/** All of them in one archive, for mirrors that have nothing else. */
export function serverArchivePath(version: string): string {
  return `${version}/kubernetes-server-${PLATFORM.replace('/', '-')}.tar.gz`;
}

/** Where the archive has its files. */
export const ARCHIVE_FOLDER = 'kubernetes/server/bin/';
