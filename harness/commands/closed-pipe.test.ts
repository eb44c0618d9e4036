import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { tolerateClosedPipe } from './closed-pipe.ts';

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
});
