// One watch as a GET whose answer does not end, on an HTTP/1.1 connection of its own.
import http, { type IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { ProbeDefinition } from '../../core/record.ts';
import { asError } from '../../core/errors.ts';
import type { TlsMaterial } from './series.ts';
import { opener } from './target.ts';
import { type WatchEvent, WatchLines } from './watch-lines.ts';

/** So that a connection whose peer is gone and whose address another host has taken over is reset, not waited for. */
const TCP_KEEPALIVE_MS = 1000;

export interface WatchStreamOptions {
  readonly definition: ProbeDefinition;
  readonly tls: TlsMaterial;
  /** With its query. */
  readonly path: string;
  /** Until the answer begins. */
  readonly timeoutMs: number;
  /** Before the first event. */
  readonly onOpened: (answeredBy: string | undefined) => void;
  readonly onEvent: (event: WatchEvent) => void;
}

export interface WatchStream {
  /** When it has opened or ended. Never rejects. */
  readonly begun: Promise<void>;
  /** Why it ended, opened or not. Never rejects. */
  readonly ended: Promise<string>;
  destroy(): void;
}

export function openWatchStream(options: WatchStreamOptions): WatchStream {
  const { definition, tls, path, timeoutMs } = options;
  const socket = opener(definition, tls)();
  socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
  const request = http.request({
    createConnection: () => socket,
    path,
    headers: { host: new URL(definition.url).host, 'user-agent': 'holdfast' },
  });
  request.end();
  const limit = setTimeout(() => request.destroy(new Error(`not opened after ${timeoutMs} ms`)), timeoutMs);
  const begun = new Promise<void>((resolve) => {
    request.once('response', () => resolve()).once('close', () => resolve());
  });
  const ended = new Promise<string>((resolve) => {
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.once('close', () => resolve('connection closed'));
    request.once('response', (response) => {
      clearTimeout(limit);
      if (response.statusCode === 200) {
        options.onOpened(socket instanceof TLSSocket ? tls.answererOf(socket) : undefined);
      }
      readEvents(response, options.onEvent, resolve);
    });
  }).finally(() => {
    clearTimeout(limit);
    request.destroy();
  });
  return { begun, ended, destroy: () => void request.destroy() };
}

function readEvents(
  response: IncomingMessage,
  onEvent: (event: WatchEvent) => void,
  onEnd: (reason: string) => void,
): void {
  const { statusCode } = response;
  if (statusCode !== 200) {
    response.resume();
    onEnd(`HTTP status ${statusCode ?? 'missing'}`);
    return;
  }
  const lines = new WatchLines();
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    try {
      for (const event of lines.push(chunk)) onEvent(event);
    } catch (thrown) {
      onEnd(`not understood: ${asError(thrown).message}`);
    }
  });
  response.once('end', () => onEnd('ended by the server'));
  response.once('error', (error: NodeJS.ErrnoException) => onEnd(error.code ?? error.message));
}
