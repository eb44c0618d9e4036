// HTTP and HTTPS servers on loopback whose failures the test scripts, and a certificate made for them.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Self-signed for 127.0.0.1. */
export async function makeCertificate(folder: string, name: string): Promise<Certificate> {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -addext`;
  const argv = [...words.split(' '), 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];
  await promisify(execFile)('openssl', argv);
  return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
}

type Behaviour = 'good' | 'hanging' | 'reset' | 'slow' | 'failing' | 'chunked' | 'truncated';

export interface ScriptedServer {
  readonly port: number;
  behaviour: Behaviour;
  /** Every connection there was, and how many of them resumed a TLS session. */
  connections: number;
  resumed: number;
  requests: number;
  /** No longer accepts, and ends every connection. */
  close(): Promise<void>;
  /** Accepts again on the same port. */
  open(): Promise<void>;
}

export const SLOW_MS = 150;

export async function startServer(certificate?: Certificate): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const answer: RequestListener = (request, response) => {
    state.requests += 1;
    switch (state.behaviour) {
      case 'good':
        response.end('ok');
        break;
      case 'slow':
        setTimeout(() => response.end('ok'), SLOW_MS);
        break;
      case 'failing':
        response.writeHead(500).end('not ok');
        break;
      case 'chunked':
        response.write('o');
        response.end('k');
        break;
      case 'truncated':
        response.writeHead(200, { 'content-length': 100 }).write('o', () => request.socket.destroy());
        break;
      case 'reset':
        // Of the TCP connection below, where there is TLS.
        sockets.forEach((socket) => socket.resetAndDestroy());
        break;
      case 'hanging':
        break;
    }
  };
  const server = certificate ? createTlsServer(certificate, answer) : createServer(answer);
  server.on('connection', (socket: Socket) => {
    state.connections += 1;
    sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => undefined));
  });
  server.on('secureConnection', (socket: TLSSocket) => (state.resumed += Number(socket.isSessionReused())));
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const state: ScriptedServer = {
    port,
    behaviour: 'good',
    connections: 0,
    resumed: 0,
    requests: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        sockets.forEach((socket) => socket.destroy());
      }),
    open: () => listen(port),
  };
  return state;
}
