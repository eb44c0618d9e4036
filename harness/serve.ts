// Recorded runs in a browser, on loopback: the files of one folder, and nothing above it.
import { createServer, type Server, type ServerResponse } from 'node:http';
import { statSync } from 'node:fs';
import sirv from 'sirv';
import { asError, EnvironmentError, explainError } from './core/errors.ts';
import { readHistory, readResult } from './history.ts';
import { pageAssets } from './page-assets.ts';
import { indexPage } from './trend/index-page.ts';

const LOOPBACK = '127.0.0.1';
/** Nothing that a page holds may ask anybody else, whatever a program printed into it. */
export const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
} as const;

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves a folder of runs until it is closed.
 * @param port 0: any that is free
 * @throws EnvironmentError when the port is taken
 */
export async function serveReports(reports: string, port: number): Promise<Served> {
  const files = sirv(reports, { dev: true, dotfiles: false, etag: false });
  const index = new LiveIndex(reports);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405).end();
      return;
    }
    if (request.url === '/' || request.url === '/index.html') {
      index.page().then(
        (page) => response.writeHead(200, { 'Content-Type': 'text/html;charset=utf-8' }).end(page),
        (thrown: unknown) => response.writeHead(500).end(explainError(asError(thrown))),
      );
      return;
    }
    files(request, response, () => notFound(response));
  });
  await listen(server, port);
  return { url: boundUrl(server), close: () => closed(server) };
}

export function notFound(response: ServerResponse): void {
  response.writeHead(404).end('there is no such file');
}

export function boundUrl(server: Server): string {
  const address = server.address();
  return `http://${LOOPBACK}:${typeof address === 'object' && address ? address.port : 0}/`;
}

/** On loopback only. @throws EnvironmentError when the port is taken */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new EnvironmentError(`port ${port} of ${LOOPBACK} cannot be used`, { cause: error })),
    );
    server.listen(port, LOOPBACK, resolve);
  });
}

export function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** The index as it is now; a result is read again only when it has changed. */
class LiveIndex {
  readonly #reports: string;
  readonly #assets = pageAssets();
  readonly #known = new Map<
    string,
    { readonly mtimeMs: number; readonly read: ReturnType<typeof readResult> }
  >();

  constructor(reports: string) {
    this.#reports = reports;
  }

  async page(): Promise<string> {
    const { results, unreadable } = readHistory(this.#reports, (path) => this.#read(path));
    return indexPage(results, { style: (await this.#assets).style, unreadable });
  }

  #read(path: string): ReturnType<typeof readResult> {
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const known = this.#known.get(path);
    if (known?.mtimeMs === mtimeMs) return known.read;
    const read = readResult(path);
    this.#known.set(path, { mtimeMs, read });
    return read;
  }
}
