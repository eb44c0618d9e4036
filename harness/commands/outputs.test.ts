import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { taken, tolerateClosedPipe } from './outputs.ts';

function emits(code: string): () => boolean {
  const stream = new PassThrough();
  tolerateClosedPipe(stream);
  return () => stream.emit('error', Object.assign(new Error(code), { code }));
}

describe('an output', () => {
  it('may lose its reader', () => {
    expect(emits('EPIPE')).not.toThrow();
  });

  it('may not fail for another reason', () => {
    expect(emits('ENOSPC')).toThrow('ENOSPC');
  });

  it('is waited for until a slow reader has all of it, and not when the reader is gone', async () => {
    let read = '';
    const slow = new Writable({
      write: (chunk, _, done) => {
        read += String(chunk);
        setTimeout(done, 20);
      },
    });
    for (const part of ['a', 'b', 'c']) slow.write(part);
    expect(read).toBe('a');
    await taken(slow);
    expect(read).toBe('abc');
    slow.destroy();
    await taken(slow);
  });
});
