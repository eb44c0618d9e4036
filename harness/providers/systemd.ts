// When a host is up: systemd has finished starting, and no unit failed.
import { CommandError, HoldfastError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { waitFor } from '../core/wait.ts';

export interface SystemdWaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** A host that somebody else has furnished may have units that fail, which are nobody's concern here. */
  readonly accepts?: 'degraded';
}

/** systemd 239 and older, as on CentOS 7, cannot wait. */
const CANNOT_WAIT = "unrecognized option '--wait'";

/** Waits for `systemctl is-system-running` = running. @throws HoldfastError naming the units that failed */
export async function waitForSystemd(host: Host, options: SystemdWaitOptions): Promise<void> {
  const state = await waitFor(
    `systemd on ${host.name} running`,
    { ...options, intervalMs: 100 },
    async (signal) => {
      // --wait lasts until systemd is done; before its bus is there it fails at once, with another word or none.
      const argv = ['systemctl', 'is-system-running'];
      const asked = { acceptExitCodes: [0, 1], timeoutMs: options.timeoutMs, signal };
      const waited = await host.run([...argv, '--wait'], asked);
      const { stdout, stderr } = waited.stderr.includes(CANNOT_WAIT) ? await host.run(argv, asked) : waited;
      const answer = stdout.trim();
      return answer === 'running' || answer === 'degraded' || answer === 'maintenance'
        ? { done: answer }
        : { missing: [answer, stderr.trim()].join(' ').trim() };
    },
  );
  if (state === 'running' || state === options.accepts) return;
  throw new HoldfastError(`${host.name} is up but ${state}: ${await failedUnits(host)}`, {
    hint: `holdfast exec ${host.name} -- systemctl status --failed`,
  });
}

async function failedUnits(host: Host): Promise<string> {
  try {
    const { stdout } = await host.run(['systemctl', 'list-units', '--failed', '--plain', '--no-legend']);
    const units = stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
    return units.length === 0 ? 'systemd names no failed unit' : `failed units: ${units.join(', ')}`;
  } catch (thrown) {
    if (thrown instanceof CommandError) return `and its failed units cannot be listed (${thrown.message})`;
    throw thrown;
  }
}
