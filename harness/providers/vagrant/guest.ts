// What a machine is told once, after vagrant has brought it up: its name, and the addresses of the others.
import { shellQuote, type Host } from '../../core/host.ts';
import type { Topology } from '../../core/topology.ts';

const TIMEOUT_MS = 120_000;

/** Vagrant's own way gives a host's name a loopback address in /etc/hosts, which no member of a cluster may have. */
export async function introduce(host: Host, topology: Topology, signal: AbortSignal): Promise<void> {
  const everyone = [...topology.hosts, topology.observer];
  const hosts = ['127.0.0.1 localhost', ...everyone.map(({ name, address }) => `${address} ${name}`), ''];
  // Synced: a power cut that comes at once must not take it back.
  const script = `hostnamectl set-hostname ${shellQuote([host.name])}
cat > /etc/hosts <<'END_OF_FILE'
${hosts.join('\n')}END_OF_FILE
sync`;
  await host.run(['sh', '-eu', '-s'], { stdin: script, timeoutMs: TIMEOUT_MS, signal });
}
