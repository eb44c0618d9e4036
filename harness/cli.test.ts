// The command line as a script sees it: exit codes, which output says what, and help. No host is needed.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const HOLDFAST = fileURLToPath(new URL('../bin/holdfast.mjs', import.meta.url));
const LIMIT = { timeout: 60_000 };

async function holdfast(
  ...argv: readonly string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [HOLDFAST, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
}

describe('holdfast', () => {
  it('tells its version as package.json has it', LIMIT, async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await holdfast('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it.each([
    [['statis'], "unknown command 'statis'\n(Did you mean status?)"],
    [['list', '--jso'], "unknown option '--jso'\n(Did you mean --json?)"],
    [['run', '--topology', 'sed'], 'no topology is called sed\n→ did you mean seed?'],
    [['up', '--dry-run'], '--dry-run is for --profile v1.4.5 alone'],
    [['up', '--profile', 'v1.4.5'], 'profile v1.4.5 needs --bundle'],
    [['up', '--profile', 'v1.4.5', '--mirror', '/x'], '--mirror goes with --profile release only'],
    [
      ['up', '--profile', 'v1.4.5', '--bundle', '/nowhere', '--dry-run'],
      'the bundle /nowhere cannot be read',
    ],
    [['run', '--profile', 'v1.4.5'], 'profile v1.4.5 is set up by holdfast up, and by nothing else'],
    [['report', 'never', '--reports', '/nowhere'], 'no recorded run is found at /nowhere/never'],
  ])('refuses %j with exit code 3 and one message', LIMIT, async (argv, message) => {
    const { code, out, err } = await holdfast(...argv);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain(message);
    expect(err).not.toMatch(/^ +at /m);
  });

  it('shows where an error comes from when asked', LIMIT, async () => {
    process.env.HOLDFAST_DEBUG = '1';
    try {
      expect((await holdfast('run', '--topology', 'sed')).err).toMatch(/^ +at loadTopology/m);
    } finally {
      delete process.env.HOLDFAST_DEBUG;
    }
  });

  it('prints JSON alone on standard output', LIMIT, async () => {
    const { code, out } = await holdfast('list', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty('scenarios.0.name');
  });

  it('does not mind a reader that goes away', LIMIT, async () => {
    const child = spawn(process.execPath, [HOLDFAST, 'list'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    expect(await text(child.stderr)).toBe('');
    expect(await ended).toBe(0);
  });

  it('says all that it has to say to a reader who takes his time', LIMIT, async () => {
    // More than a pipe holds, and a real pipe: between Node's own processes there are sockets.
    const line = '"$@" | { sleep 2; cat; }';
    const words = [process.execPath, HOLDFAST, 'up', '--profile', 'v1.4.5', '--dry-run', '--json'];
    const child = spawn('sh', ['-c', line, 'sh', ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
    const out = await text(child.stdout);
    expect(out.length).toBeGreaterThan(65_536);
    expect(JSON.parse(out)).toHaveProperty('profile', 'v1.4.5');
  });
});
