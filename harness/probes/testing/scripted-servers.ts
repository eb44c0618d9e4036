// HTTP, HTTPS, HTTP/2 and DNS servers on loopback whose failures the test scripts, and a certificate made for them.
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  constants,
  createSecureServer,
  type Http2ServerRequest,
  Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Self-signed, for 127.0.0.1 unless for another address. */
export async function makeCertificate(
  folder: string,
  name: string,
  address = '127.0.0.1',
): Promise<Certificate> {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -addext`;
  const argv = [...words.split(' '), `subjectAltName=IP:${address}`, '-keyout', key, '-out', cert];
  await promisify(execFile)('openssl', argv);
  return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
}

type Behaviour =
  | 'good'
  | 'hanging'
  /** Every other request is never answered. */
  | 'half hanging'
  | 'reset'
  | 'slow'
  | 'failing'
  | 'chunked'
  | 'truncated';

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
  /** Asks all HTTP/2 clients to leave once they have their answers, as an apiserver does before it ends. */
  goAway(): void;
}

export const SLOW_MS = 150;
export const FAILING_BODY = '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n';

export interface ServerOptions {
  readonly http2?: true;
  /** Who may connect: bearers of this certificate only. */
  readonly clientPem?: string;
}

export async function startServer(
  certificate?: Certificate,
  { http2, clientPem }: ServerOptions = {},
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const answer = (
    _request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    state.requests += 1;
    // Of the TCP connection below, where there is TLS.
    if (state.behaviour === 'reset') sockets.forEach((socket) => socket.resetAndDestroy());
    else respond(state.behaviour, state.requests, response);
  };
  const options = {
    ...certificate,
    ...(clientPem !== undefined && { requestCert: true, ca: clientPem }),
  };
  const secure = (): Server =>
    http2 ? createSecureServer(options, answer) : createTlsServer(options, answer);
  const server: Server = certificate ? secure() : createServer(answer);
  server.on('connection', (socket: Socket) => {
    state.connections += 1;
    sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => undefined));
  });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session.once('close', () => sessions.delete(session)).on('error', () => undefined));
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
    goAway: () => sessions.forEach((session) => session.close()),
  };
  return state;
}

function respond(
  behaviour: Exclude<Behaviour, 'reset'>,
  request: number,
  response: ServerResponse | Http2ServerResponse,
): void {
  switch (behaviour) {
    case 'half hanging':
      if (request % 2 === 0) response.end('ok');
      break;
    case 'good':
      response.end('ok');
      break;
    case 'slow':
      setTimeout(() => response.end('ok'), SLOW_MS);
      break;
    case 'failing':
      response.writeHead(500).end(FAILING_BODY);
      break;
    case 'chunked':
      if (response instanceof Http2ServerResponse) response.write('o');
      else response.write('o');
      response.end('k');
      break;
    case 'truncated':
      truncate(response);
      break;
    case 'hanging':
      break;
  }
}

function truncate(response: ServerResponse | Http2ServerResponse): void {
  if (response instanceof Http2ServerResponse) {
    response.write('o', 'latin1', () => response.stream.close(constants.NGHTTP2_CANCEL));
  } else {
    response.writeHead(200, { 'content-length': 100 }).write('o', () => response.socket?.destroy());
  }
}

export interface ScriptedDnsServer {
  readonly port: number;
  behaviour: 'good' | 'NXDOMAIN' | 'SERVFAIL' | 'silent';
  queries: number;
  /** The ports that queries came from. */
  readonly clientPorts: Set<number>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** RFC 1035 section 4.1.1. */
const RESPONSE_CODES = { good: 0, NXDOMAIN: 3, SERVFAIL: 2 } as const;

/** Answers every query with 10.96.0.1, over UDP. */
export async function startDnsServer(): Promise<ScriptedDnsServer> {
  const socket = createSocket('udp4');
  const closed = once(socket, 'close');
  socket.on('message', (query, { address, port }) => {
    state.queries += 1;
    state.clientPorts.add(port);
    const { behaviour } = state;
    if (behaviour !== 'silent') socket.send(dnsResponse(query, RESPONSE_CODES[behaviour]), port, address);
  });
  let isOpen = true;
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const state: ScriptedDnsServer = {
    port: socket.address().port,
    behaviour: 'good',
    queries: 0,
    clientPorts: new Set(),
    close: async () => {
      if (isOpen) socket.close();
      isOpen = false;
      await closed;
    },
  };
  return state;
}

/** The query's header and question again, and one A record that points back to the name in it. */
function dnsResponse(query: Buffer, code: number): Buffer {
  const HEADER_LENGTH = 12;
  const nameEnd = query.indexOf(0, HEADER_LENGTH) + 1;
  const question = query.subarray(HEADER_LENGTH, nameEnd + 4);
  const answers = code === 0 ? 1 : 0;
  const header = Buffer.from([0, 0, 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0]);
  query.copy(header, 0, 0, 2);
  const record = Buffer.from([0xc0, HEADER_LENGTH, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 96, 0, 1]);
  return Buffer.concat([header, question, ...(answers === 1 ? [record] : [])]);
}
