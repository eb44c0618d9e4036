// The report's page while the run goes, on loopback: the page as it was last written, and what happens now as server-sent events
// (WHATWG HTML, "Server-sent events").
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { Narrator } from './narrator.ts';
import { followJournal } from './core/journal.ts';
import type { JournalEvent, RunStarted, ScenarioRecord, ScenarioStarted } from './core/record.ts';
import { letTimePass } from './core/wait.ts';
import { chartOf } from './reporters/chart/index.ts';
import type { RunFolder } from './run/folder.ts';
import { boundUrl, closed, HEADERS, listen, notFound, type Served } from './serve.ts';

/** How often the chart of what is under way is drawn anew: each costs as much as a report of that scenario. */
const CHART_INTERVAL_MS = 2000;
/** For readers to fetch the report of the run that is over, before there is nobody to ask. */
const LAST_LOOK_MS = 2000;

/** @param port 0: any that is free. @throws EnvironmentError when the port is taken */
export async function serveRun(folder: RunFolder, port: number): Promise<Served> {
  const live = new LiveRun(folder);
  const files = sirv(folder.path, { dev: true, dotfiles: false, etag: false });
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (request.url === '/')
      response.writeHead(200, { 'Content-Type': 'text/html;charset=utf-8' }).end(live.page());
    else if (request.url === '/events') live.subscribe(request, response);
    else files(request, response, () => notFound(response));
  });
  await listen(server, port);
  live.follow();
  return { url: boundUrl(server), close: () => end(server, live) };
}

async function end(server: Server, live: LiveRun): Promise<void> {
  await live.end();
  await closed(server);
}

class LiveRun {
  readonly #folder: RunFolder;
  readonly #readers = new Set<ServerResponse>();
  readonly #over = new AbortController();
  readonly #narrator = new Narrator();
  #run: RunStarted | undefined;
  #started: ScenarioStarted | undefined;
  #events: JournalEvent[] = [];
  #reportMtimeMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #following: Promise<void> = Promise.resolve();

  constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  /** The report as it stands, told to listen. */
  page(): string {
    const path = join(this.#folder.path, 'report.html');
    if (!existsSync(path))
      return '<!doctype html><meta http-equiv="refresh" content="1"><p>The run begins.</p>';
    const report = readFileSync(path, 'utf8');
    if (this.#over.signal.aborted) return report;
    return report
      .replace('<html lang="en">', '<html lang="en" data-live="/events">')
      .replace("default-src 'none';", "default-src 'none'; connect-src 'self';");
  }

  subscribe(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.#readers.add(response);
    request.once('close', () => this.#readers.delete(response));
    this.#sendChart();
  }

  follow(): void {
    this.#following = this.#follow();
    this.#timer = setInterval(() => this.#tick(), CHART_INTERVAL_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#over.abort();
    await this.#following;
    this.#tellOfReport();
    if (this.#readers.size > 0) await letTimePass(LAST_LOOK_MS);
  }

  async #follow(): Promise<void> {
    for await (const event of followJournal(this.#folder.journal, { signal: this.#over.signal }))
      this.#see(event);
  }

  #see(event: JournalEvent): void {
    const line = this.#narrator.tell(event);
    if (line !== undefined) this.#send('line', line);
    if (event.type === 'run.started') this.#run = event;
    else if (event.type === 'scenario.started') [this.#started, this.#events] = [event, []];
    else if (event.type === 'scenario.finished') [this.#started, this.#events] = [undefined, []];
    else if (this.#started) this.#events.push(event);
  }

  #tick(): void {
    this.#tellOfReport();
    this.#sendChart();
  }

  /** A page that was written anew holds what was under way before. */
  #tellOfReport(): void {
    const mtimeMs = statSync(join(this.#folder.path, 'report.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (mtimeMs === this.#reportMtimeMs) return;
    const isFirst = this.#reportMtimeMs === 0;
    this.#reportMtimeMs = mtimeMs;
    if (!isFirst) this.#send('report', String(mtimeMs));
  }

  #sendChart(): void {
    const [run, started] = [this.#run, this.#started];
    if (!run || !started || this.#readers.size === 0) return;
    const record: ScenarioRecord = { run, started, events: this.#events, finished: undefined };
    this.#send('chart', JSON.stringify({ name: started.scenario, ...chartOf(record) }));
  }

  #send(event: 'line' | 'chart' | 'report', data: string): void {
    for (const reader of this.#readers)
      reader.write(`event: ${event}\ndata: ${data.replaceAll('\n', ' ')}\n\n`);
  }
}
