// npm run bench:report: what all renderings of a run cost, of a night and of five million samples; and how soon the page is
// interactive in a real browser. Records are made by arithmetic from the golden run; nothing is measured on hosts.
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goodRun } from '../fixtures/runs/good-run.ts';
import type { JournalEvent } from '../harness/core/record.ts';
import { pageAssets } from '../harness/page-assets.ts';
import { reportOfJournal, writeReports } from '../harness/reports.ts';
import { launchChromium } from '../test/browser/chromium.ts';

interface Load {
  readonly name: string;
  readonly scenarios: number;
  readonly samples: number;
  readonly demands: {
    readonly secondsMax: number;
    readonly pageMiBMax: number;
    readonly interactiveMsMax?: number;
  };
}

/** What the issue that asked for the reports demands of them. */
const LOADS: readonly Load[] = [
  {
    name: 'a night',
    scenarios: 30,
    samples: 30 * 20 * 400,
    demands: { secondsMax: 5, pageMiBMax: 3, interactiveMsMax: 1000 },
  },
  {
    name: 'five million samples',
    scenarios: 60,
    samples: 5_000_000,
    demands: { secondsMax: 30, pageMiBMax: 5 },
  },
];

const events = goodRun();
const fromIndex = events.findIndex(({ type }) => type === 'scenario.started');
const toIndex = events.findIndex(({ type }) => type === 'scenario.finished');
const scenario = events.slice(fromIndex, toIndex + 1);

/** @returns how many samples there are */
function writeJournal(path: string, { scenarios, samples }: Load): number {
  const file = openSync(path, 'w');
  let written = 0;
  const write = (list: readonly JournalEvent[]): void => {
    writeSync(file, `${list.map((event) => JSON.stringify(event)).join('\n')}\n`);
  };
  write([
    { ...events[0], plan: Array.from({ length: scenarios }, () => 'power-off-vip-holder') } as JournalEvent,
  ]);
  write(events.slice(1, fromIndex));
  for (let index = 0; index < scenarios; index += 1) {
    const byMs = index * 200_000;
    const moved = scenario.map((event) => later(event, byMs, index + 1));
    const last = moved.at(-1);
    const own = moved.filter(({ type }) => type === 'sample');
    const more = Math.max(0, Math.round(samples / scenarios) - own.length);
    write(moved.slice(0, -1));
    written += own.length;
    // After the story, so that it stays what it is: the same series for as long as it takes.
    const endMs = last?.atMs ?? 0;
    const probes = [...new Set(own.flatMap((event) => (event.type === 'sample' ? [event.probe] : [])))];
    for (let from = 0; from < more; from += 20_000) {
      const part = Array.from({ length: Math.min(20_000, more - from) }, (_, step): JournalEvent => {
        const at = from + step;
        return {
          type: 'sample',
          atMs: endMs + Math.floor(at / probes.length) * 100,
          probe: probes[at % probes.length] ?? '',
          ok: true,
          durationMs: 2 + (at % 17),
          lateMs: 0.2,
        };
      });
      write(part);
      written += part.length;
    }
    if (last) write([{ ...last, atMs: endMs + Math.ceil(more / Math.max(1, probes.length)) * 100 }]);
  }
  write(events.slice(toIndex + 1));
  closeSync(file);
  return written;
}

function later(event: JournalEvent, byMs: number, iteration: number): JournalEvent {
  const moved: JournalEvent = { ...event, atMs: event.atMs + byMs };
  const times: Record<string, number> = {};
  if ('fromMs' in moved) times['fromMs'] = moved.fromMs + byMs;
  if ('toMs' in moved) times['toMs'] = moved.toMs + byMs;
  return { ...moved, ...times, ...('iteration' in moved && { iteration }) };
}

async function measure(load: Load, folder: string): Promise<readonly string[]> {
  const journal = join(folder, 'journal.jsonl');
  const samples = writeJournal(journal, load);
  const assets = await pageAssets();
  const startedAt = performance.now();
  const report = reportOfJournal(journal);
  const readAt = performance.now();
  writeReports(folder, report, assets);
  const seconds = (performance.now() - startedAt) / 1000;
  const page = join(folder, 'report.html');
  const pageMiB = statSync(page).size / 2 ** 20;
  const interactiveMs = await interactiveAfter(page);
  const { secondsMax, pageMiBMax, interactiveMsMax } = load.demands;
  const against = (value: number, most: number | undefined, unit: string): string =>
    most === undefined ? '' : ` (≤ ${most} ${unit}: ${value <= most ? 'kept' : 'BROKEN'})`;
  return [
    `${load.name}: ${load.scenarios} scenarios, ${samples} samples, journal ${(statSync(journal).size / 2 ** 20).toFixed(0)} MiB`,
    `  all renderings   ${seconds.toFixed(2)} s, of which ${((readAt - startedAt) / 1000).toFixed(2)} s to read and judge${against(seconds, secondsMax, 's')}`,
    `  report.html      ${pageMiB.toFixed(2)} MiB${against(pageMiB, pageMiBMax, 'MiB')}`,
    `  interactive      ${interactiveMs.toFixed(0)} ms after it was opened${against(interactiveMs, interactiveMsMax, 'ms')}`,
    `  resident memory  ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB at most, so far`,
  ];
}

/** From the navigation's start until the page's program has run and listens. */
async function interactiveAfter(path: string): Promise<number> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('html[data-ready]');
    return Number(await page.getAttribute('html', 'data-ready'));
  } finally {
    await browser.close();
  }
}

const only = process.argv[2];
for (const load of LOADS.filter(({ name }) => only === undefined || name.includes(only))) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    process.stdout.write(`${(await measure(load, folder)).join('\n')}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
