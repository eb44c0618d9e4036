// What the check scripts of somebody else's keepalived do: its configuration may only name a file (so has it kubeadm's guide
// to high availability), and the oracle has to know what that file asks.
import type { Host } from '../core/host.ts';
import type { TrackScript, VrrpInstance } from '../core/record.ts';

/** A script is short; what is longer is a program. */
const MOST_BYTES = 20_000;

/** The same instances; scripts that are files of the host come with what the file holds, where it is text. */
export async function withScriptContents(
  host: Host,
  instances: readonly VrrpInstance[],
): Promise<readonly VrrpInstance[]> {
  return Promise.all(
    instances.map(async (instance) => ({
      ...instance,
      trackScripts: await Promise.all(instance.trackScripts.map((script) => withContent(host, script))),
    })),
  );
}

async function withContent(host: Host, script: TrackScript): Promise<TrackScript> {
  const [path = ''] = script.command.replace(/^["']/, '').split(/[\s"']/);
  if (!path.startsWith('/')) return script;
  const argv = ['sh', '-c', `[ ! -f "$1" ] || head -c ${MOST_BYTES} "$1"`, 'sh', path];
  const { stdout } = await host.run(argv, { timeoutMs: 10_000 });
  return stdout.startsWith('#!') && stdout.length < MOST_BYTES ? { ...script, content: stdout } : script;
}
