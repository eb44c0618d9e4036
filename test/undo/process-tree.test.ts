import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isAlive, identityOf } from '../../harness/providers/engine-leases.ts';
import { killTree } from './process-tree.ts';

/** Starts a child in the same group, one in a session of its own, and a watchdog; prints their ids. */
const PARENT = `
const { spawn } = require('node:child_process');
const start = (title, detached) =>
  spawn(process.execPath, ['-e', \`process.title = '\${title}'; console.log(); setInterval(() => {}, 1000)\`], {
    detached, stdio: ['ignore', 'pipe', 'ignore'],
  });
const children = [start('child', false), start('scenario', true), start('holdfast-watchdog x', true)];
Promise.all(children.map((one) => new Promise((resolve) => one.stdout.once('data', resolve))))
  .then(() => console.log(children.map(({ pid }) => pid).join(' ')));
`;

describe('killing a tree of processes', () => {
  it('reaches all that descend from it, whatever their group, but for a watchdog', async () => {
    const bystander = spawn('sleep', ['60']);
    const root = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [printed] = (await once(root.stdout, 'data')) as [Buffer];
    const [child = 0, scenario = 0, watchdog = 0] = String(printed).trim().split(' ').map(Number);
    onTestFinished(() => {
      bystander.kill('SIGKILL');
      process.kill(watchdog, 'SIGKILL');
    });
    const others = await Promise.all([watchdog, bystander.pid ?? 0].map(identityOf));

    const ended = once(root, 'exit');
    expect([...killTree(root.pid ?? 0)].sort()).toEqual([root.pid, child, scenario].sort());
    expect((await ended)[1]).toBe('SIGKILL');
    await expect.poll(() => Promise.all([child, scenario].map(identityOf))).toEqual([undefined, undefined]);
    for (const one of others) expect(one && (await isAlive(one))).toBe(true);
  });
});
