// What a fresh clone goes through before holdfast can be loaded, in a copy with one package and no registry.
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin', import.meta.url));
const LIMIT = { timeout: 120_000 };
const INSTALLING = 'holdfast: installing npm packages (npm ci)';

/** A checkout whose only package is a folder of its own, so that npm ci needs no network. */
function freshClone(node = '>=20.19'): string {
  const root = mkdtempSync(join(tmpdir(), 'clone-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync(BIN, join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'local'));
  const write = (file: string, content: unknown): void =>
    writeFileSync(join(root, file), JSON.stringify(content));
  const dependencies = { local: 'file:local' };
  const manifest = { name: 'clone', version: '1.0.0', dependencies };
  const scripts = { answer: 'node -e "process.exit(Number(process.argv[1]))"', wait: 'node wait.mjs' };
  write('local/package.json', { name: 'local', version: '1.0.0' });
  write('package.json', { ...manifest, scripts, engines: { node } });
  write('package-lock.json', {
    ...manifest,
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { ...manifest, engines: { node } },
      local: { version: '1.0.0' },
      'node_modules/local': { resolved: 'local', link: true },
    },
  });
  writeFileSync(
    join(root, 'wait.mjs'),
    `import { writeFileSync } from 'node:fs';
     process.on('SIGTERM', () => { writeFileSync('told', ''); process.exit(); });
     setInterval(() => {}, 1000);
     writeFileSync('waiting', '');`,
  );
  return root;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(
  root: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [join(root, 'bin', 'npm-script.mjs'), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ended = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(
    ([code, out, err]): Ended => ({ code, out, err }),
  );
  return { child, ended };
}

describe('a fresh clone', () => {
  it('installs its packages once, then runs the script and exits as it does', LIMIT, async () => {
    const root = freshClone();
    const first = await start(root, ['answer', '7'], { NODE_ENV: 'production' }).ended;
    expect(first.code).toBe(7);
    expect(first.err).toContain(INSTALLING);
    expect(existsSync(join(root, 'node_modules', 'local'))).toBe(true);
    const second = await start(root, ['answer', '0']).ended;
    expect(second.code).toBe(0);
    expect(second.err).not.toContain(INSTALLING);
  });

  it('installs once for two that start together, and leaves no lock', LIMIT, async () => {
    const root = freshClone();
    const both = await Promise.all([start(root, ['answer', '1']).ended, start(root, ['answer', '2']).ended]);
    expect(both.map(({ code }) => code)).toEqual([1, 2]);
    expect(both.filter(({ err }) => err.includes(INSTALLING))).toHaveLength(1);
    expect(existsSync(join(root, '.npm-ci.lock'))).toBe(false);
  });

  it('takes over the lock of a process that died', LIMIT, async () => {
    const root = freshClone();
    const dead = spawn('true');
    await new Promise((resolve) => dead.once('close', resolve));
    writeFileSync(join(root, '.npm-ci.lock'), String(dead.pid));
    expect((await start(root, ['answer', '0']).ended).code).toBe(0);
  });

  it('installs anew when half of an installation is missing', LIMIT, async () => {
    const root = freshClone();
    await start(root, ['answer', '0']).ended;
    rmSync(join(root, 'node_modules', '.package-lock.json'));
    expect((await start(root, ['answer', '0']).ended).err).toContain(INSTALLING);
  });

  it('says with exit code 4 why packages could not be installed', LIMIT, async () => {
    const root = freshClone();
    writeFileSync(join(root, 'package-lock.json'), '{"lockfileVersion":3,"packages":{"node_modules/a":{}}}');
    const { code, err } = await start(root, ['answer', '0']).ended;
    expect(code).toBe(4);
    expect(err).toMatch(/npm ci failed \(1\) in .*\n→ run npm ci there/);
    expect(existsSync(join(root, '.npm-ci.lock'))).toBe(false);
  });

  it('refuses a Node that is too old, with exit code 4', LIMIT, async () => {
    const { code, err } = await start(freshClone('>=99.1'), ['answer', '0']).ended;
    expect(code).toBe(4);
    expect(err).toBe(
      `holdfast needs Node >=99.1, and this is ${process.version}.\n→ install a newer Node, then try again\n`,
    );
  });

  it('passes SIGTERM on to the script, through npm and its shell', LIMIT, async () => {
    const root = freshClone();
    await start(root, ['answer', '0']).ended;
    const { child, ended } = start(root, ['wait']);
    await vi.waitFor(() => expect(existsSync(join(root, 'waiting'))).toBe(true), { timeout: 30_000 });
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(existsSync(join(root, 'told'))).toBe(true);
  });
});
