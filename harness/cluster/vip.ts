// Which masters hold the VIP, asked of the hosts themselves.
import type { Host } from '../core/host.ts';

/** Names of the hosts on which the address is bound now. A host that does not answer is left out. */
export async function vipHolders(
  masters: readonly Host[],
  vip: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const answers = await Promise.all(
    masters.map(async (host) => {
      try {
        const { stdout } = await host.run(['ip', '-4', '-oneline', 'address', 'show', 'to', `${vip}/32`], {
          timeoutMs: 5_000,
          ...(signal && { signal }),
        });
        return stdout.includes(vip) ? host.name : undefined;
      } catch {
        return undefined;
      }
    }),
  );
  return answers.filter((name) => name !== undefined);
}
