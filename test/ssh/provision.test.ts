// The suite quick over SSH, on a cluster that was set up over SSH on bare hosts: the whole of docs/attach.md, "Bare hosts over
// SSH". It costs some minutes, so it is no part of npm test: npm run test:ssh.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentProgress } from '../../harness/core/progress.ts';
import type { Provider } from '../../harness/core/provider.ts';
import { runResultSchema } from '../../harness/core/result.ts';
import { providerKind } from '../../harness/providers/index.ts';
import { newRunId } from '../../harness/run/folder.ts';
import { SUITES } from '../../scenarios/suites.ts';
import { takeBareFingerprint } from '../hosts/bare-fingerprint.ts';
import { makeBareHosts, type BareHosts } from '../hosts/bare-hosts.ts';
import { startHoldfast, type Ended } from '../hosts/holdfast-command.ts';
import { testImages } from '../hosts/test-images.ts';

describe('over SSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-ssh-'));
  const runId = newRunId(new Date());
  let provider: Provider;
  let bare: BareHosts;

  const holdfast = (...words: readonly string[]): Promise<Ended> =>
    startHoldfast(join(folder, 'state'), ...words).ended;

  beforeAll(async () => {
    provider = await providerKind('containers').open(await testImages());
    bare = await makeBareHosts({ provider, runId, folder, progress: silentProgress });
  });
  afterAll(async () => {
    await provider.destroy(runId);
    rmSync(folder, { recursive: true, force: true });
  });

  test('bare hosts become a cluster that passes the suite quick, and are bare again', async () => {
    const before = await takeBareFingerprint(bare.lab.hosts);
    const words = ['--provider', 'inventory', '--topology', bare.topology];
    const up = await holdfast('up', ...words);
    expect(up.stderr).not.toContain('failed');
    expect(up.exitCode).toBe(0);
    const [note = ''] = readdirSync(join(folder, 'state/inventory')).filter((name) => name.endsWith('.json'));

    const reports = ['--reports', join(folder, 'reports'), '--json'];
    const run = await holdfast('run', 'quick', ...words, '--yes-break', 'bare', ...reports);
    const { scenarios } = runResultSchema.parse(JSON.parse(run.stdout));
    expect(scenarios.map(({ name, verdict, cleanliness }) => ({ name, verdict, cleanliness }))).toEqual(
      SUITES['quick']?.map((name) => ({ name, verdict: 'pass', cleanliness: 'clean' })),
    );
    expect(run.exitCode).toBe(0);

    const down = await holdfast('down', '--run', note.replace(/\.json$/, ''));
    expect(down).toMatchObject({ exitCode: 0, stdout: 'removed the cluster on the hosts of bare\n' });
    expect(await takeBareFingerprint(bare.lab.hosts)).toEqual(before);
  });
});
