// What containers have used of the machine's CPU, from the engine's account.
import type Docker from 'dockerode';

interface Counted {
  readonly name: string;
  readonly container: string;
}

/** By name, in seconds since each container was started. One that is off, or gone, is left out. */
export async function containerCpuSeconds(
  docker: Docker,
  containers: readonly Counted[],
): Promise<ReadonlyMap<string, number>> {
  const counted = containers.map(async ({ name, container }) => {
    try {
      // One shot: without it the engine waits a second for another reading to compare with.
      const stats = await docker.getContainer(container).stats({ stream: false, 'one-shot': true });
      const seconds = stats.cpu_stats.cpu_usage.total_usage / 1e9;
      return seconds > 0 ? [[name, seconds] as const] : [];
    } catch {
      return [];
    }
  });
  return new Map((await Promise.all(counted)).flat());
}
