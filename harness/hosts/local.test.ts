import { expect, test } from 'vitest';
import { hasProgram, runLocal } from './local.ts';

test('a command of this machine gives its exit code, outputs and lines as they come', async () => {
  const lines: string[] = [];
  const result = await runLocal(['sh', '-c', 'cat; echo "$WORD" >&2; exit 2'], {
    stdin: 'in\n',
    env: { WORD: 'hold fast' },
    acceptExitCodes: [2],
    onLine: (line) => lines.push(line),
  });
  expect(result).toMatchObject({ exitCode: 2, stdout: 'in\n', stderr: 'hold fast\n' });
  expect(lines.sort()).toEqual(['hold fast', 'in']);
});

test('a failing command of this machine throws with its line and output', async () => {
  await expect(runLocal(['sh', '-c', 'echo broken >&2; exit 1'])).rejects.toThrow(
    /this machine: exit code 1 after \d+ ms: sh -c 'echo broken >&2; exit 1'\nbroken/,
  );
});

test('a command of this machine that reaches its limit is killed and says so', async () => {
  await expect(runLocal(['sleep', '60'], { timeoutMs: 100 })).rejects.toThrow('no end within 100 ms');
});

test('a program that is not installed is named', async () => {
  await expect(runLocal(['no-such-program'])).rejects.toThrow('spawn no-such-program ENOENT');
});

test('a program is there or it is not', async () => {
  expect(await hasProgram('sh')).toBe(true);
  expect(await hasProgram('no-such-program')).toBe(false);
});
