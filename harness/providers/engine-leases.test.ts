import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityOf, isAlive, returnLease, takeLease, withLock } from './engine-leases.ts';

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-leases-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a process is itself, and not one that had its number before', async () => {
  const identity = await identityOf(process.pid);
  expect(identity).toBeDefined();
  if (!identity) return;
  expect(await isAlive(identity)).toBe(true);
  expect(await isAlive({ ...identity, startTime: '1' })).toBe(false);
});

test('a lease holds while its process lives, and a dead process holds none', () =>
  inFolder(async (folder) => {
    const other = spawn('sleep', ['60']);
    await once(other, 'spawn');
    await takeLease(folder);
    await takeLease(folder, other.pid);
    expect(await returnLease(folder)).toEqual([other.pid]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await returnLease(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  }));

test('a lease of a process whose number was given to another is cleared', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, `${process.ppid}-1`), '');
    expect(await returnLease(folder)).toEqual([]);
  }));

test('a folder without leases has no holders', async () => {
  expect(await returnLease('/nowhere/at/all')).toEqual([]);
});

test('the lock lets one in at a time, and the next one when the first is done or has failed', async () => {
  const folder = `/test/${process.pid}`;
  const order: string[] = [];
  const first = withLock(folder, 5000, async () => {
    order.push('first in');
    await new Promise((resolve) => setTimeout(resolve, 300));
    order.push('first out');
    throw new Error('broken');
  });
  const second = withLock(folder, 5000, () => {
    order.push('second in');
    return Promise.resolve('done');
  });
  await expect(first).rejects.toThrow('broken');
  expect(await second).toBe('done');
  expect(order).toEqual(['first in', 'first out', 'second in']);
});

test('a lock that is not given back in time is an error that says who is waited for', async () => {
  const folder = `/test/held/${process.pid}`;
  await withLock(folder, 1000, async () => {
    await expect(withLock(folder, 300, () => Promise.resolve())).rejects.toThrow(
      'the lock of the Docker Engine free not reached after 300 ms',
    );
  });
});
