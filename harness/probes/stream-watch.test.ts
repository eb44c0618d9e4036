// What every watch on a command has in common; what each makes of its lines is tested with it.
import { expect, test } from 'vitest';
import { TellingHost } from '../hosts/telling.ts';
import { startStreamWatch, type StreamReader } from './stream-watch.ts';

/** Begins with the line "ready". */
class ReadyReader implements StreamReader {
  hasBegun = false;

  read(line: string): void {
    this.hasBegun ||= line === 'ready';
  }

  finish(): void {
    return;
  }
}

test('a watch that cannot begin says for each host what was answered last, and tries no more', async () => {
  const refusing = new TellingHost('a');
  const refused = "tcpdump: eth0: You don't have permission to capture on that device";
  refusing.opening = () => {
    setImmediate(() => refusing.ends({ exitCode: 1, stderr: '' }));
    return [refused];
  };
  const off = new TellingHost('b');
  off.isOff = true;
  const watched = (host: TellingHost): Parameters<typeof startStreamWatch>[1][number] => ({
    host,
    what: 'capture',
    argv: ['tcpdump'],
    open: () => Promise.resolve(new ReadyReader()),
  });
  const thrown: unknown = await startStreamWatch('capture', [watched(refusing), watched(off)], 100).catch(
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({
    message: 'capture not finished after 100 ms',
    cause: {
      errors: [{ message: `a: capture ended: exit code 1 ${refused}` }, { message: 'b: host powered off' }],
    },
  });
  expect([refusing.attempts, off.attempts]).toEqual([1, 1]);
});

test('a watch that could never begin is not waited for', async () => {
  const refusing = new TellingHost('a');
  refusing.opening = () => {
    setImmediate(() => refusing.ends({ exitCode: 1, stderr: '' }));
    return ['(socket: Operation not permitted)'];
  };
  const startedAt = performance.now();
  const starting = startStreamWatch(
    'capture',
    [
      {
        host: refusing,
        what: 'capture',
        argv: ['tcpdump'],
        open: () => Promise.resolve(new ReadyReader()),
        isHopeless: ({ message }) => message.includes('not permitted'),
      },
    ],
    20_000,
  );
  await expect(starting).rejects.toThrow('a: capture ended: exit code 1 (socket: Operation not permitted)');
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(refusing.attempts).toBe(1);
});
