// What a person reads while work goes on: plain lines in a log, a live list on a terminal, and never a failed run.
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Progress } from './progress.ts';

/** A stream that keeps what is written to it, with a terminal's properties where asked for. */
function screen(terminal?: { columns: number }): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  Object.assign(stream, { isTTY: terminal !== undefined, rows: 40, ...terminal });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    text: () => Buffer.concat(chunks).toString(),
  };
}

describe('progress in a log', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('is one line for each start and end, with the elapsed time and the duration', async () => {
    const { stream, text } = screen();
    const progress = new Progress({ stream });
    await progress.phase('images', (listener) => {
      listener.started('host');
      vi.advanceTimersByTime(72_000);
      listener.finished('host', 72_000, 'cached');
      return Promise.resolve();
    });
    progress.note('etcd tolerates no failure');
    expect(text().split('\n')).toEqual([
      '[   0.0s] images …',
      '[   0.0s] host: started',
      '[  72.0s] host: done in 1 min 12 s (cached)',
      '[  72.0s] images: done in 1 min 12 s',
      '[  72.0s] etcd tolerates no failure',
      '',
    ]);
  });

  it("shows a task's newest output at most once in ten seconds", async () => {
    const { stream, text } = screen();
    await new Progress({ stream }).phase('images', (listener) => {
      listener.started('host');
      for (let second = 1; second <= 25; second += 1) {
        vi.advanceTimersByTime(1000);
        listener.output('host', `line ${second}\n`);
      }
      return Promise.resolve();
    });
    expect(text().match(/line \d+/g)).toEqual(['line 10', 'line 20']);
  });

  it('names the failure in one line and lets the error through as it is', async () => {
    const { stream, text } = screen();
    const error = new Error('etcd01 did not answer\nwith pages of output');
    const phase = new Progress({ stream }).phase('cluster', (listener) => {
      listener.failed('etcd', 1200, error);
      return Promise.reject(error);
    });
    await expect(phase).rejects.toBe(error);
    expect(text()).toContain('etcd: failed after 1.20 s: etcd01 did not answer\n');
    expect(text()).not.toContain('pages');
    expect(text()).toContain('cluster: failed after 0 ms\n');
  });
});

describe('progress on a terminal', () => {
  // The test may itself run where CI is set, which would switch the list off.
  beforeEach(() => void vi.stubEnv('CI', undefined));
  afterEach(() => void vi.unstubAllEnvs());

  it('lists tasks as they come, with their last output, and folds a finished phase into a line', async () => {
    const { stream, text } = screen({ columns: 100 });
    await new Progress({ stream }).phase('images', async (listener) => {
      listener.started('host');
      await vi.waitFor(() => {
        listener.output('host', 'Step 3/9');
        expect(text()).toMatch(/host[\s\S]*Step 3\/9/);
      });
      listener.finished('host', 300);
    });
    expect(text()).not.toContain('] images');
    expect(text().trimEnd().split('\n').at(-2)).toMatch(/images \(\d+ ms\)/);
  });

  it('leaves a failed phase on the screen with the task that failed', async () => {
    const { stream, text } = screen({ columns: 100 });
    const phase = new Progress({ stream }).phase('cluster', (listener) => {
      listener.started('etcd');
      listener.started('kubeadm init');
      listener.failed('etcd', 1200, new Error('no answer'));
      return Promise.reject(new Error('step etcd failed'));
    });
    await expect(phase).rejects.toThrow('step etcd failed');
    expect(text()).toMatch(/etcd failed after 1\.20 s: no answer/);
    expect(text()).toMatch(/kubeadm init stopped/);
  });

  it.each([
    ['--json asks for lines', { columns: 100 }, { plain: true }],
    ['the terminal does not know its width', { columns: 0 }, {}],
  ])('is plain lines when %s', async (_why, terminal, options) => {
    const { stream, text } = screen(terminal);
    await new Progress({ stream, ...options }).phase('images', () => Promise.resolve());
    expect(text()).toContain('] images: done in');
  });
});

describe('a display that fails', () => {
  it('does not cost the work', async () => {
    const { stream } = screen();
    stream.write = () => {
      throw new Error('the terminal is gone');
    };
    const progress = new Progress({ stream });
    progress.note('nobody reads this');
    const result = progress.phase('images', (listener) => {
      listener.started('host');
      listener.finished('host', 1);
      return Promise.resolve(42);
    });
    await expect(result).resolves.toBe(42);
  });
});
