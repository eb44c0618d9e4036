import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { goodRun } from '../fixtures/runs/good-run.ts';
import { serveRun } from './live.ts';
import type { RunFolder } from './run/folder.ts';

const test = base.extend<{ folder: RunFolder }>({
  folder: async ({}, use) => {
    const path = mkdtempSync(join(tmpdir(), 'holdfast-live-'));
    await use({ id: 'a-run', path, journal: join(path, 'journal.jsonl') });
    rmSync(path, { recursive: true });
  },
});

const lines = goodRun().map((event) => JSON.stringify(event));
const brokenAt = lines.findIndex((line) => line.includes('"fault.evidence"'));

/** Reads server-sent events until one of each kind has come. */
async function eventsFrom(url: string, kinds: readonly string[]): Promise<Map<string, string>> {
  const limit = AbortSignal.timeout(10_000);
  const response = await fetch(url, { signal: limit });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const found = new Map<string, string>();
  let text = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('utf8');
    for (const [, kind = '', data = ''] of text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm))
      found.set(kind, data);
    if (kinds.every((kind) => found.has(kind))) return found;
  }
  return found;
}

describe('a run that is watched in a browser', () => {
  test('is the report as it stands, told to listen, and tells what happens', async ({ folder }) => {
    writeFileSync(folder.journal, `${lines.slice(0, 20).join('\n')}\n`);
    const served = await serveRun(folder, 0);
    expect(await (await fetch(served.url)).text()).toContain('The run begins');
    writeFileSync(
      join(folder.path, 'report.html'),
      `<html lang="en"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; x">`,
    );
    expect(await (await fetch(served.url)).text()).toContain(
      `<html lang="en" data-live="/events"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'self'; x">`,
    );
    const told = eventsFrom(`${served.url}events`, ['line', 'chart']);
    setTimeout(() => appendFileSync(folder.journal, `${lines.slice(20, brokenAt + 1).join('\n')}\n`), 300);
    const events = await told;
    expect(events.get('line')).toMatch(/the fault took effect$/);
    expect(JSON.parse(events.get('chart') ?? '{}')).toMatchObject({ name: 'power-off-vip-holder' });
    await served.close();
  });
});
