import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openCpuAccount } from './cpu.ts';

describe('what processes cost', () => {
  it('is near a whole core for one that never rests', () => {
    const account = openCpuAccount({ test: process.pid });
    const endMs = performance.now() + 300;
    while (performance.now() < endMs);
    const { test: share } = account.close();
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(3);
  });

  it('is not told of a process that ended meanwhile', async () => {
    const child = spawn('sleep', ['0.05']);
    const account = openCpuAccount({ child: child.pid ?? 0, test: process.pid });
    await once(child, 'close');
    expect(Object.keys(account.close())).toEqual(['test']);
  });
});
