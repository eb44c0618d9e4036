// A note on the observer that says "the cluster behind me is whole": state lives on the hosts, so any process can ask.
import type { Host } from '../core/host.ts';

const MARKER = '/etc/holdfast/cluster.json';

export async function writeMarker(observer: Host, profile: string): Promise<void> {
  await observer.upload(MARKER, `${JSON.stringify({ profile, createdAt: new Date().toISOString() })}\n`);
}

/** The profile of the finished cluster, or undefined when its creation never came to its end. */
export async function readMarker(observer: Host): Promise<string | undefined> {
  const { stdout } = await observer.run(['sh', '-c', `cat ${MARKER} 2>/dev/null || true`], {
    timeoutMs: 10_000,
  });
  if (stdout.trim() === '') return undefined;
  const marker = JSON.parse(stdout) as { readonly profile?: unknown };
  return typeof marker.profile === 'string' ? marker.profile : undefined;
}
