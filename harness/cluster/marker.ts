// A note that says "this cluster is whole", beside those of the runs on it: state lives with the lab, so any process can ask.
import { posix } from 'node:path';
import { labNotes, type Lab } from '../core/provider.ts';

const MARKER = 'cluster.json';

export async function writeMarker(lab: Lab, profile: string): Promise<void> {
  const { host, folder } = labNotes(lab);
  const text = JSON.stringify({ profile, createdAt: new Date().toISOString() });
  await host.upload(posix.join(folder, MARKER), `${text}\n`);
}

/** The profile of the finished cluster, or undefined when its creation never came to its end. */
export async function readMarker(lab: Lab): Promise<string | undefined> {
  const { host, folder } = labNotes(lab);
  const script = `cat ${posix.join(folder, MARKER)} 2>/dev/null || true`;
  const { stdout } = await host.run(['sh', '-c', script], { timeoutMs: 10_000 });
  if (stdout.trim() === '') return undefined;
  const marker = JSON.parse(stdout) as { readonly profile?: unknown };
  return typeof marker.profile === 'string' ? marker.profile : undefined;
}
