// The hosts' own logs, brought to the run folder: hosts/<name>/<log>.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';

const LOGS: Readonly<Record<string, string>> = {
  // Of all boots: what a host said before its power was cut is what one wants to know.
  'journal.log': 'journalctl --no-pager --output=short-precise --lines=8000',
  'keepalived.log': 'cat /var/log/keepalived.log 2>/dev/null || true',
  'pods.log':
    'cd /var/log/pods 2>/dev/null && for log in */*/*.log; do echo "==> $log"; tail -n 200 "$log"; done || true',
};

/** Collects what can be had from every host that answers; a host that does not leaves a file that says why. */
export async function collectHostLogs(hosts: readonly Host[], folder: string): Promise<void> {
  await Promise.all(
    hosts.map(async (host) => {
      const hostFolder = join(folder, host.name);
      await mkdir(hostFolder, { recursive: true });
      for (const [file, command] of Object.entries(LOGS)) {
        const text = await host.run(['sh', '-c', command], { timeoutMs: 20_000 }).then(
          ({ stdout }) => stdout,
          (thrown: unknown) => `not collected: ${asError(thrown).message}\n`,
        );
        if (text !== '') await writeFile(join(hostFolder, file), text);
      }
    }),
  );
}
