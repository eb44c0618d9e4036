// An agent that holds one key, on a socket of its own: what ssh-agent(1) is to ssh(1).
import { once } from 'node:events';
import { createServer } from 'node:net';
import { AgentProtocol, type ParsedKey } from 'ssh2';

export interface TestAgent {
  /** How often it has signed. */
  readonly signed: () => number;
  close(): void;
}

export async function startAgent(socketPath: string, key: ParsedKey): Promise<TestAgent> {
  let signed = 0;
  const server = createServer((socket) => {
    const protocol = new AgentProtocol(false);
    protocol.on('identities', (request) => protocol.getIdentitiesReply(request, [key]));
    protocol.on('sign', (request, _publicKey, data) => {
      signed += 1;
      protocol.signReply(request, key.sign(data));
    });
    socket.on('error', () => undefined);
    socket.pipe(protocol).pipe(socket);
  }).listen(socketPath);
  await once(server, 'listening');
  return { signed: () => signed, close: () => void server.close() };
}
