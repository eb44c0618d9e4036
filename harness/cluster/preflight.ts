// kubeadm's preflight checks beside the pitfalls that the seed tells of (its chapter 3.3.2): each is laid on purpose, told by
// kubeadm, and cleared the seed's way. All of it happens in namespaces of their own, in which the host looks as it did
// before it was a member: its own files, its ports and its cluster are out of reach.
import { HoldfastError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';

export interface Pitfall {
  /** In words. */
  readonly what: string;
  /** As kubeadm calls its check. */
  readonly check: string;
  readonly errors: Readonly<Record<Moment, readonly string[]>>;
}

/** Before it was laid, while it was there, and after it was cleared. */
export type Moment = 'before' | 'laid' | 'cleared';

/** `lay` and `clear` are shell. */
const PITFALLS = [
  {
    what: '/etc/kubernetes is not empty',
    check: 'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml',
    lay: 'mkdir -p /etc/kubernetes/manifests; echo left > /etc/kubernetes/manifests/kube-apiserver.yaml',
    clear: 'rm -rf /etc/kubernetes/*',
  },
  {
    what: '/var/lib/etcd is not empty',
    check: 'DirAvailable--var-lib-etcd',
    lay: 'mkdir -p /var/lib/etcd/member',
    clear: 'rm -rf /var/lib/etcd/*',
  },
  {
    what: 'port 2379 is in use',
    check: 'Port-2379',
    // The seed's was an etcd that had been loaded with the other images; whoever listens has to go.
    lay: 'socat TCP-LISTEN:2379,fork,reuseaddr OPEN:/dev/null > /dev/null 2>&1 & sleep 1',
    clear: 'kill $!; sleep 0.2',
  },
] as const;

const MOMENTS: readonly Moment[] = ['before', 'laid', 'cleared'];
const TIMEOUT_MS = 120_000;

/** @throws HoldfastError when kubeadm made no checks there */
export async function rehearsePitfalls(host: Host): Promise<readonly Pitfall[]> {
  const argv = ['unshare', '--mount', '--net', '--fork', 'sh', '-s'];
  const { stdout } = await host.run(argv, { stdin: SCRIPT, timeoutMs: TIMEOUT_MS });
  return readPitfalls(stdout);
}

/** @param said what the script printed: a section for each moment of each pitfall. Pure. */
export function readPitfalls(said: string): readonly Pitfall[] {
  const sections = new Map(
    said
      .split(/^@@ /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0] ?? '', section] as const),
  );
  const errorsIn = (title: string): readonly string[] => {
    const section = sections.get(title);
    if (section?.includes('[preflight] Running pre-flight checks') !== true) {
      throw new HoldfastError(`kubeadm made no preflight checks: ${section ?? said}`);
    }
    return [...section.matchAll(/\[ERROR ([^\]]+)\]/g)].map(([, check = '']) => check);
  };
  return PITFALLS.map(({ what, check }) => {
    const [before, laid, cleared] = MOMENTS.map((moment) => errorsIn(`${check} ${moment}`));
    return { what, check, errors: { before: before ?? [], laid: laid ?? [], cleared: cleared ?? [] } };
  });
}

/** With etcd of its own, as the check for its folder and its port is made only then. */
const SCRIPT = `set -u
mount --make-rprivate /
mkdir -p /var/lib/etcd
for folder in /etc/kubernetes /var/lib/etcd /mnt; do mount -t tmpfs tmpfs $folder; done
ip link set lo up
ip address add 10.255.255.1/32 dev lo
cat > /mnt/preflight.yaml <<'CONFIGURATION'
apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 10.255.255.1 }
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v1.20.2
CONFIGURATION
preflight() {
  echo "@@ $1"
  kubeadm init phase preflight --config /mnt/preflight.yaml 2>&1 || true
}
${PITFALLS.map(
  ({ check, lay, clear }) => `preflight '${check} before'
${lay}
preflight '${check} laid'
${clear}
preflight '${check} cleared'`,
).join('\n')}
`;
