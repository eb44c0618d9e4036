// The page in a real browser, opened from disk as a reader would.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test as base } from 'vitest';
import { BAD_RUNS } from '../../fixtures/runs/bad-runs.ts';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { runOf } from '../../fixtures/runs/record-of.ts';
import type { JournalEvent } from '../../harness/core/record.ts';
import type { RunReport } from '../../harness/core/report.ts';
import { pageAssets } from '../../harness/page-assets.ts';
import { reportOf, writeReports } from '../../harness/reports.ts';
import { launchChromium } from './chromium.ts';

/** Screenshots for a person to look at. */
const PICTURES = process.env['HOLDFAST_PICTURES'];

const good = reportOf(runOf(goodRun()));
interface Opened {
  readonly page: Page;
  /** Whatever went wrong, and whatever was asked of a network. */
  readonly complaints: string[];
}

type Open = (report: RunReport, options?: { width?: number; dark?: boolean }) => Promise<Opened>;

interface Shared {
  readonly browser: Browser;
  readonly open: Open;
}

const test = base.extend<Shared>({
  browser: [
    // From the pattern Vitest reads which other fixtures this one needs: none.
    async ({}, use) => {
      const browser = await launchChromium();
      await use(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  open: async ({ browser }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
    await use((report, options = {}) => open(browser, folder, report, options));
    rmSync(folder, { recursive: true });
  },
});

async function open(
  browser: Browser,
  folder: string,
  report: RunReport,
  options: { width?: number; dark?: boolean },
): Promise<Opened> {
  writeReports(folder, report, await pageAssets());
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1280, height: 800 },
    colorScheme: options.dark ? 'dark' : 'light',
  });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  await page.waitForSelector('html[data-ready]');
  return { page, complaints };
}

function badRun(wrong: string): JournalEvent[] {
  return BAD_RUNS.find((run) => run.wrong === wrong)?.events() ?? [];
}

/** It is drawn when it comes near. */
async function scrollToChart(page: Page): Promise<void> {
  await page.locator('.chart').first().scrollIntoViewIfNeeded();
  await page.waitForSelector('.timeline svg');
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  await page.screenshot({ path: join(PICTURES, `${name}-whole.png`), fullPage: true });
}

describe('report.html from disk', () => {
  test('opens without a complaint and asks nothing of any network', async ({ open }) => {
    const { page, complaints } = await open(good);
    await scrollToChart(page);
    await page.waitForSelector('.latency canvas');
    await picture(page, 'good');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.for(['the API never came back', 'the sampler stood still', 'the record ends in the middle'])(
    'shows a run in which %s',
    async (wrong, { open }) => {
      const { page, complaints } = await open(reportOf(runOf(badRun(wrong))));
      await scrollToChart(page);
      await picture(page, wrong.replaceAll(' ', '-'));
      expect(await page.locator('header h1 strong').textContent()).not.toBe('PASS');
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test('has the numbers of result.json', async ({ open }) => {
    const { page } = await open(good);
    const [scenario] = good.result.scenarios;
    const text = (await page.locator('main').textContent()) ?? '';
    for (const { name, limit, explanation } of scenario?.checks ?? []) {
      expect(text).toContain(name);
      expect(text).toContain(limit);
      expect(text).toContain(explanation);
    }
    for (const { name, samples, failures } of scenario?.probes ?? []) {
      const row = page.locator('tr', { hasText: name }).filter({ hasText: String(samples) });
      expect(await row.count()).toBeGreaterThan(0);
      expect((await row.first().textContent()) ?? '').toContain(String(failures));
    }
    await page.close();
  });

  test('zooms by key, button and drag, tells what is under the pointer, and shows all again', async ({
    open,
  }) => {
    const { page } = await open(good);
    const timeline = page.locator('.timeline');
    const ticks = async (): Promise<string[]> => page.locator('.timeline .tick').allTextContents();
    await scrollToChart(page);
    const whole = await ticks();
    await timeline.focus();
    await page.keyboard.press('+');
    const closer = await ticks();
    expect(closer).not.toEqual(whole);
    await page.keyboard.press('0');
    expect(await ticks()).toEqual(whole);
    await page.getByRole('button', { name: 'fault' }).click();
    expect(await ticks()).not.toEqual(whole);
    await page.getByRole('button', { name: 'all' }).click();
    const box = await timeline.boundingBox();
    if (!box) throw new Error('no timeline');
    await page.mouse.move(box.x + 400, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 700, box.y + 60, { steps: 5 });
    expect(await page.locator('.readout').textContent()).toMatch(/^[+−][\d.]+ s · /);
    await page.mouse.up();
    expect(await ticks()).not.toEqual(whole);
    await page.close();
  });

  test.for([
    { width: 390, dark: false },
    { width: 390, dark: true },
    { width: 1280, dark: true },
  ])('fits a window of $width pixels, dark: $dark', async ({ width, dark }, { open }) => {
    const { page, complaints } = await open(good, { width, dark });
    await scrollToChart(page);
    await picture(page, `good-${width}${dark ? '-dark' : ''}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('prints with everything unfolded', async ({ open }) => {
    const { page } = await open(good);
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('details:not([open])').count()).toBe(0);
    expect((await page.pdf()).length).toBeGreaterThan(20_000);
    await page.close();
  });
});
