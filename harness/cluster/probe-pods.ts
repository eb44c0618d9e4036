// The idle pods in whose namespaces the prober asks the cluster's services as a pod does.
import type { Host } from '../core/host.ts';

/** Names the pod's first process; see fixtures/manifests/probe-pods.yaml. */
const PROCESS = 'pgrep -n -f "^node .* holdfast-client$"';

/** Runs a Node program of the host's inside its probe pod, where it stands at the same path. */
export function inProbePod(argv: readonly string[]): readonly string[] {
  const script = `pid=$(${PROCESS}) || { echo "no probe pod runs here" >&2; exit 1; }
exec nsenter --target "$pid" --mount --net --pid -- /usr/bin/"$@"`;
  return ['sh', '-c', script, 'sh', ...argv];
}

export async function hasProbePod(host: Host): Promise<boolean> {
  const { exitCode } = await host.run(['sh', '-c', PROCESS], { acceptExitCodes: [0, 1], timeoutMs: 5_000 });
  return exitCode === 0;
}
