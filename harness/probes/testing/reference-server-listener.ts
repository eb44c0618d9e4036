// One port of the reference server: good until an outage begins, good again when it ends. It reads no more of a request
// than where it ends, because it shares its machine with the prober that is measured.
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { OutageKind, Protocol } from './reference-server-lines.ts';
import type { Certificate } from './scripted-servers.ts';

const ADDRESS = '127.0.0.1';
/**
 * Below Linux's ephemeral ports (ip_local_port_range begins at 32768): on one of those, a client that is refused may
 * connect to itself, and take the port.
 */
const [FIRST_PORT, LAST_PORT] = [21_000, 31_999];
const PORTS_TO_TRY = 200;
const REOPEN_ATTEMPTS = 20;
const REOPEN_INTERVAL_MS = 2;

const GOOD = answer('200 OK', 'ok');
const FAILED = answer('503 Service Unavailable', 'scripted');
const REQUEST_END = '\r\n\r\n';
const CLOSES = /\r\nconnection: *close/i;

export interface Listener {
  readonly name: string;
  readonly port: number;
  /** In force when it returns. */
  begin(kind: OutageKind): void;
  /** Resolves when it is over. */
  end(): Promise<void>;
}

export interface ListenerOptions {
  readonly name: string;
  readonly protocol: Protocol;
  readonly slowMs: number;
  /** For https and http2. */
  readonly certificate?: Certificate;
}

/** What a server of any protocol asks before it answers. */
interface Mood {
  readonly slowMs: number;
  outage: OutageKind | undefined;
}

/** @throws Error when no port is free */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const mood: Mood = { slowMs: options.slowMs, outage: undefined };
  const server = serverFor(options, mood);
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    if (mood.outage === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const port = await listenSomewhere(server);
  return {
    name: options.name,
    port,
    begin: (kind) => {
      mood.outage = kind;
      if (kind === 'refused') {
        server.close();
        connections.forEach((socket) => socket.destroy());
      }
      if (kind === 'reset') connections.forEach((socket) => socket.resetAndDestroy());
    },
    end: async () => {
      const wasRefused = mood.outage === 'refused';
      mood.outage = undefined;
      if (wasRefused) await listenAgain(server, port);
    },
  };
}

function serverFor({ protocol, certificate }: ListenerOptions, mood: Mood): Server {
  switch (protocol) {
    case 'http':
      return createServer((socket) => serve(socket, mood));
    case 'https':
      return createTlsServer({ ...certificate }, (socket) => serve(socket, mood)).on(
        'tlsClientError',
        () => undefined,
      );
    case 'http2':
      return createSecureServer({ ...certificate })
        .on('stream', (stream) => serveStream(stream, mood))
        .on('sessionError', () => undefined);
  }
}

function serve(socket: Socket, mood: Mood): void {
  let text = '';
  socket.on('error', () => undefined);
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf(REQUEST_END); end !== -1; end = text.indexOf(REQUEST_END)) {
      const closes = CLOSES.test(text.slice(0, end));
      text = text.slice(end + REQUEST_END.length);
      respond(mood, (isGood) => {
        const response = isGood ? GOOD : FAILED;
        if (closes) socket.end(response);
        else socket.write(response);
      });
    }
  });
}

function serveStream(stream: ServerHttp2Stream, mood: Mood): void {
  stream.on('error', () => undefined);
  respond(mood, (isGood) => {
    if (stream.destroyed) return;
    stream.respond({ ':status': isGood ? 200 : 503 });
    stream.end(isGood ? 'ok' : 'scripted');
  });
}

function respond({ outage, slowMs }: Mood, send: (isGood: boolean) => void): void {
  if (outage === undefined) send(true);
  else if (outage === 'status') send(false);
  else if (outage === 'slow') setTimeout(() => send(true), slowMs);
  // What hangs is never answered, and there is nobody to answer while connections are refused or reset.
}

async function listenSomewhere(server: Server): Promise<number> {
  const start = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT - PORTS_TO_TRY));
  for (let port = start; port < start + PORTS_TO_TRY; port += 1) {
    if ((await listen(server, port)) === undefined) return port;
  }
  throw new Error(`no free port from ${start} on`);
}

/** Someone may have had the port for a moment. */
async function listenAgain(server: Server, port: number): Promise<void> {
  let error: Error | undefined;
  for (let attempt = 0; attempt < REOPEN_ATTEMPTS; attempt += 1) {
    error = await listen(server, port);
    if (!error) return;
    await new Promise((resolve) => setTimeout(resolve, REOPEN_INTERVAL_MS));
  }
  throw new Error(`port ${port} cannot be opened again`, { cause: error });
}

function listen(server: Server, port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const settle = (error?: Error): void => {
      server.off('error', settle).off('listening', settle);
      resolve(error);
    };
    server.once('error', settle).once('listening', settle).listen(port, ADDRESS);
  });
}

function answer(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
