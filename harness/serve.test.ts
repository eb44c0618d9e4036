import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { goodRun } from '../fixtures/runs/good-run.ts';
import { runOf } from '../fixtures/runs/record-of.ts';
import { EnvironmentError } from './core/errors.ts';
import { reportOf, writeReports } from './reports.ts';
import { serveReports, type Served } from './serve.ts';

const ID = '20260131-062720-9f3a';

const test = base.extend<{ served: Served }>({
  served: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-serve-'));
    writeFileSync(join(folder, 'secret.txt'), 'not to be had');
    mkdirSync(join(folder, 'reports', ID), { recursive: true });
    writeReports(join(folder, 'reports', ID), reportOf(runOf(goodRun())), { script: '', style: '' });
    const served = await serveReports(join(folder, 'reports'), 0);
    await use(served);
    await served.close();
    rmSync(folder, { recursive: true });
  },
});

/** As it is typed: fetch would tidy the path first. */
function raw(url: string, path: string, method = 'GET'): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(`${method} ${path} HTTP/1.0\r\n\r\n`));
    let text = '';
    socket
      .on('data', (data) => (text += String(data)))
      .on('end', () => resolve(text))
      .on('error', reject);
  });
}

describe('the server of reports', () => {
  test('is on loopback, and has the index and every run', async ({ served }) => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const index = await (await fetch(served.url)).text();
    expect(index).toContain(`href="${ID}/report.html"`);
    const page = await fetch(`${served.url}${ID}/report.html`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<strong>PASS</strong>');
  });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    `/${ID}/../../secret.txt`,
    `/${ID}/..%5c..%5csecret.txt`,
    '//etc/passwd',
    '/%00',
    '/%c0%ae%c0%ae/secret.txt',
  ])('serves nothing above its folder: %s', async (path) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-serve-'));
    writeFileSync(join(folder, 'secret.txt'), 'not to be had');
    mkdirSync(join(folder, 'reports', ID), { recursive: true });
    const served = await serveReports(join(folder, 'reports'), 0);
    const answer = await raw(served.url, path);
    await served.close();
    rmSync(folder, { recursive: true });
    expect(answer).toMatch(/^HTTP\/1\.1 4/);
    expect(answer).not.toMatch(/not to be had|root:/);
  });

  test('takes no other method', async ({ served }) => {
    expect(await raw(served.url, '/', 'DELETE')).toMatch(/^HTTP\/1\.1 405/);
  });

  test('says which port is taken', async ({ served }) => {
    const port = Number(new URL(served.url).port);
    await expect(serveReports(tmpdir(), port)).rejects.toThrow(EnvironmentError);
  });
});
