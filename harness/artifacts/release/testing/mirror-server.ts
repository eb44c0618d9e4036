// A release mirror on loopback for tests: serves a folder, with ranges, and misbehaves as it is told.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

export interface Misbehaviour {
  /** Closes the connection after so many bytes of a body that is longer, the first so many times. */
  readonly cut?: { readonly afterBytes: number; readonly times: number };
  /** Answers paths that end so with silence after the headers. */
  readonly stallsAt?: string;
  /** Knows nothing of ranges: always sends the whole. */
  readonly ignoresRanges?: boolean;
  /** Answers everything with this status. */
  readonly status?: number;
}

export interface MirrorServer {
  readonly url: string;
  /** "GET /v1.31.4/bin/linux/amd64/kubelet bytes=1000-" in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startMirror(folder: string, misbehaviour: Misbehaviour = {}): Promise<MirrorServer> {
  const requests: string[] = [];
  let cutsLeft = misbehaviour.cut?.times ?? 0;
  const mayCut = (): boolean => (cutsLeft -= 1) >= 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.range ?? ''}`.trim());
    answer(folder, request, response, misbehaviour, mayCut).catch((thrown: unknown) => {
      response.destroy(thrown as Error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/releases`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  folder: string,
  { url = '/', headers: { range } }: IncomingMessage,
  response: ServerResponse,
  misbehaviour: Misbehaviour,
  mayCut: () => boolean,
): Promise<void> {
  const path = normalize(decodeURIComponent(url)).replace(/^\/releases\//, '');
  const status = await stat(join(folder, path)).catch(() => undefined);
  if (misbehaviour.status !== undefined || !status?.isFile() || path.includes('..')) {
    response.writeHead(misbehaviour.status ?? 404).end('no such thing');
    return;
  }
  const { size } = status;
  const asked = misbehaviour.ignoresRanges ? undefined : /^bytes=(\d+)-$/.exec(range ?? '')?.[1];
  const start = Number(asked ?? 0);
  if (start >= size && size > 0) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(asked === undefined ? 200 : 206, {
    'content-length': size - start,
    ...(asked !== undefined && { 'content-range': `bytes ${start}-${size - 1}/${size}` }),
  });
  if (misbehaviour.stallsAt !== undefined && path.endsWith(misbehaviour.stallsAt)) {
    response.flushHeaders();
    return;
  }
  const { afterBytes = Infinity } = misbehaviour.cut ?? {};
  const isCut = size - start > afterBytes && mayCut();
  const body = createReadStream(join(folder, path), { start, ...(isCut && { end: start + afterBytes - 1 }) });
  body.pipe(response, { end: !isCut });
  // The client hears of the end before the body is whole.
  if (isCut) body.once('end', () => setTimeout(() => response.destroy(), 20));
}
