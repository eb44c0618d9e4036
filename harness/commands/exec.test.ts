import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { FakeHost } from '../hosts/fake.ts';
import { execStreaming, execWithInput } from './exec.ts';

function outputs(): { stdout: PassThrough; stderr: PassThrough; read(): Promise<string[]> } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const read = (): Promise<string[]> => Promise.all([text(stdout.end()), text(stderr.end())]);
  return { stdout, stderr, read };
}

describe('a command on a host', () => {
  it('shows both outputs and answers with its exit code', async () => {
    const host = new FakeHost().when('kubectl', { stdout: 'one\ntwo\n', stderr: 'warning\n', exitCode: 3 });
    const shown = outputs();
    expect(await execStreaming(host, ['kubectl', 'get', 'nodes'], shown)).toBe(3);
    expect(await shown.read()).toEqual(['one\ntwo\n', 'warning\n']);
  });

  it('is given the input that was piped', async () => {
    const host = new FakeHost().when('cat', ({ stdin }) => ({ stdout: stdin, exitCode: 1 }));
    const shown = outputs();
    expect(await execWithInput(host, ['cat'], Buffer.from('kind: Pod\n'), shown)).toBe(1);
    expect(await shown.read()).toEqual(['kind: Pod\n', '']);
  });

  it('ends on the host too with Ctrl-C, which is its own exit code', async () => {
    const host = new FakeHost('m1').when('sleep', { hangs: true });
    const running = execStreaming(host, ['sleep', '60'], outputs());
    await new Promise(setImmediate);
    process.emit('SIGINT', 'SIGINT');
    await expect(running).rejects.toMatchObject({ exitCode: 130 });
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });

  it('says why there is no exit code when its host goes down', async () => {
    const stream = { lines: [] as never, write: () => undefined, close: () => Promise.resolve() };
    const host = new FakeHost('m1');
    host.stream = () =>
      Promise.resolve({
        ...stream,
        done: Promise.resolve({ exitCode: undefined, stderr: '', reason: 'host powered off' }),
      });
    await expect(execStreaming(host, ['true'], outputs())).rejects.toThrow('m1: host powered off');
  });
});
