import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  formerLimits,
  formerLimitsLabel,
  inotifySuffices,
  raiseInotifyLimits,
  readInotifyLimits,
  writeInotifyLimits,
} from './inotify.ts';

async function inKernelFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-inotify-'));
  try {
    await writeFile(join(folder, 'max_user_instances'), '128\n');
    await writeFile(join(folder, 'max_user_watches'), '600000\n');
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('only what is too low is raised, and the label puts it back', () =>
  inKernelFolder(async (folder) => {
    const before = await readInotifyLimits(folder);
    expect(inotifySuffices(before)).toBe(false);
    const label = formerLimitsLabel(before, []);
    await raiseInotifyLimits(folder);
    expect(await readInotifyLimits(folder)).toEqual({ max_user_instances: 1024, max_user_watches: 600_000 });
    const former = formerLimits(label);
    expect(former).toEqual(before);
    if (former) await writeInotifyLimits(former, folder);
    expect(await readInotifyLimits(folder)).toEqual(before);
  }));

test('a lab beside another takes over what that one remembers, so that the last of them can put it back', () => {
  const first = formerLimitsLabel({ max_user_instances: 128, max_user_watches: 8192 }, []);
  const second = formerLimitsLabel({ max_user_instances: 1024, max_user_watches: 524_288 }, [{}, first]);
  expect(formerLimits(second)).toEqual({ max_user_instances: 128, max_user_watches: 8192 });
});

test('limits that suffice leave nothing to remember', () => {
  const label = formerLimitsLabel({ max_user_instances: 1024, max_user_watches: 524_288 }, []);
  expect(formerLimits(label)).toBeUndefined();
});
