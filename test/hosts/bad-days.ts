// What goes wrong on a host while a fault stands on it, and what holdfast makes of it. The fault is a gentle one, a kubelet that
// stands still for some seconds; the undo is the host's own.
import type { Host } from '../../harness/core/host.ts';
import type { Ended } from './holdfast-command.ts';

/** After which the host heals by itself, whatever holdfast sees. */
export const LIMIT_S = 12;
export const FOR_S = 5;
const KUBELET_STATE = `awk '/^State/ { print $2 }' /proc/$(pgrep -o -x kubelet)/status`;
const UNDOS = 'ls /var/lib/holdfast/undo 2> /dev/null | wc -l';

/** `holdfast inject pause-process worker kubelet`, begun; the misfortune strikes once the kubelet stands still. */
export async function strickenBy(
  host: Host,
  inject: () => Promise<Ended>,
  misfortune: () => Promise<unknown>,
): Promise<Ended> {
  const injected = inject();
  await until(async () => (await kubeletState(host)) === 'T');
  await misfortune();
  return injected;
}

export async function kubeletState(host: Host): Promise<string> {
  const { stdout } = await host.run(['sh', '-c', KUBELET_STATE], { acceptExitCodes: [0, 1, 2] });
  return stdout.trim();
}

/** The kubelet goes on, and nothing is left to undo. */
export function healed(host: Host, limitMs = 30_000): Promise<void> {
  return until(async () => {
    const { stdout } = await host.run(['sh', '-c', UNDOS]);
    return stdout.trim() === '0' && /^[SRD]$/.test(await kubeletState(host));
  }, limitMs);
}

export async function until(holds: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
