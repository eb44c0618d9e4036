// Shell by which a host finds its static pods, whoever wrote their manifests. Of a POSIX sh, without single quotes inside
// of single quotes.
import type { ProcessName } from './record.ts';

/** kubeadm's; kubelet is told in its own configuration (KubeletConfiguration, staticPodPath). */
const MANIFESTS = '/etc/kubernetes/manifests';
const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml';

/**
 * Shell: prints the ids of the processes of a static pod, one a line; fails when there is none. All that are called so
 * belong to it: keepalived is a process and its children. What is called so in a network of its own is some other pod's:
 * the control plane's own are on their host's network.
 */
export function staticPodPids(process: ProcessName): string {
  return `own=$(readlink /proc/1/ns/net)
for pid in $(pgrep -f '^([^ ]*/)?${process}( |$)'); do
  [ "$(readlink /proc/$pid/ns/net)" != "$own" ] || echo $pid
done | grep .`;
}

/**
 * Shell: prints the path of the manifest; nothing when there is none. Its file may be called otherwise than what runs in
 * it: it is the one that calls its pod, a container or an image so. kubelet passes over names that begin with a dot.
 */
export function manifestOf(process: ProcessName): string {
  const named = `(name|image)[^[:alnum:]]?:[[:space:]]*[^[:alnum:]]?([^[:space:]]*/)?${process}([^-._/[:alnum:]]|$)`;
  return `folder=$(sed -n 's/^staticPodPath: *"*\\([^"]*[^" ]\\)"* *$/\\1/p' ${KUBELET_CONFIG} 2> /dev/null || true)
[ -n "$folder" ] || folder=${MANIFESTS}
if [ -e "$folder/${process}.yaml" ]; then echo "$folder/${process}.yaml"
else grep -lE '${named}' "$folder"/* 2> /dev/null | head -n 1
fi`;
}
