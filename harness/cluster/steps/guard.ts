// The on-host guard of the masters, where the topology wants one: the seed's operating rules without an operator.
import { readFile } from 'node:fs/promises';
import { onEach, plannedHosts, type ClusterContext } from '../context.ts';
import { GUARD_UNIT, guardDefaults } from '../guard.ts';

const FILES = new URL('../../../fixtures/guard/', import.meta.url);

/** After keepalived and kubelet are there on every master: it would stop the one for want of the other. */
export async function startGuards(context: ClusterContext, signal: AbortSignal): Promise<void> {
  const [program, unit] = await Promise.all(
    ['holdfast-guard.sh', GUARD_UNIT].map((name) => readFile(new URL(name, FILES), 'utf8')),
  );
  await onEach(context, plannedHosts(context, 'master'), async ({ plan, host }) => {
    await host.upload('/usr/local/sbin/holdfast-guard', program ?? '', { mode: 0o755 });
    await host.upload(`/etc/systemd/system/${GUARD_UNIT}`, unit ?? '');
    await host.upload('/etc/default/holdfast-guard', guardDefaults(context.topology, plan));
    const start = `systemctl enable --now --quiet ${GUARD_UNIT} && systemctl is-active ${GUARD_UNIT}`;
    await host.run(['sh', '-c', start], { signal, timeoutMs: 20_000 });
  });
}
