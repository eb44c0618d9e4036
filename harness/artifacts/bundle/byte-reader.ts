// Reads a stream of bytes piece by piece: exactly so many, then what is left.

export type Bytes = AsyncIterable<Uint8Array>;

export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(source: Bytes) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** So many bytes, or fewer where the stream ends before. */
  async take(length: number): Promise<Buffer> {
    const pieces = [this.#pending];
    let have = this.#pending.length;
    while (have < length) {
      const { value, done } = (await this.#source.next()) as IteratorResult<Uint8Array, undefined>;
      if (done) break;
      pieces.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      have += value.byteLength;
    }
    const all = pieces.length === 1 ? this.#pending : Buffer.concat(pieces);
    this.#pending = all.subarray(length);
    return all.subarray(0, length);
  }

  /** All that was not taken. */
  async *rest(): AsyncGenerator<Buffer> {
    try {
      if (this.#pending.length > 0) yield this.#pending;
      this.#pending = Buffer.alloc(0);
      for (;;) {
        const { value, done } = (await this.#source.next()) as IteratorResult<Uint8Array, undefined>;
        if (done) return;
        yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      }
    } finally {
      await this.#source.return?.();
    }
  }
}

/** The same bytes; each chunk is shown first. */
export async function* watched(source: Bytes, look: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    look(chunk);
    yield chunk;
  }
}

/** Reads on to the end, for those who watch. */
export async function drain(source: Bytes): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  while (!(await iterator.next()).done);
}
