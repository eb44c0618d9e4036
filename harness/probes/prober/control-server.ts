// A server inside the prober for the control series: what that series sees is the harness's own noise.
import { createServer, type AddressInfo } from 'node:net';
import type { ProbeDefinition } from '../../core/record.ts';

/** It shares the prober's CPU time, so it reads no more of a request than that there is one. */
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Starts the server if a series asks for it, and puts its port into that series' URL. */
export async function withControlServer(
  probes: readonly ProbeDefinition[],
): Promise<readonly ProbeDefinition[]> {
  if (!probes.some(isControl)) return probes;
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', () => void socket.write(ANSWER));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return probes.map((probe) => {
    if (!isControl(probe)) return probe;
    const url = new URL(probe.url);
    url.port = String(port);
    return { ...probe, url: url.href };
  });
}

function isControl(probe: ProbeDefinition): boolean {
  return probe.capability === 'control';
}
