// A base URL with the official layout, read in pieces: a download that was cut off goes on where it ended.
import { asError, EnvironmentError } from '../../core/errors.ts';
import type { Mirror, MirrorFile } from './mirror.ts';

const STALLED_AFTER_MS = 30_000;

export class HttpMirror implements Mirror {
  readonly #base: URL;
  readonly #stalledAfterMs: number;

  constructor(base: URL, stalledAfterMs = STALLED_AFTER_MS) {
    this.#base = new URL(base.href.endsWith('/') ? base : `${base.href}/`);
    this.#stalledAfterMs = stalledAfterMs;
  }

  where(path: string): string {
    return new URL(path, this.#base).href;
  }

  async open(path: string, fromByte: number, signal: AbortSignal): Promise<MirrorFile | undefined> {
    const patience = new Patience(this.where(path), this.#stalledAfterMs, signal);
    const response = await this.#ask(path, fromByte, patience);
    const { status, headers, body } = response;
    const give = async (): Promise<void> => {
      patience.end();
      await body?.cancel();
    };
    if (status === 404 || status === 410) return give().then(() => undefined);
    // What is there is all of the file, or not of this file.
    if (status === 416) return give().then(() => this.open(path, 0, signal));
    if (!response.ok || !body) {
      await give();
      throw new EnvironmentError(`${this.where(path)}: the mirror answered ${status} ${response.statusText}`);
    }
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
    const length = status === 206 ? total : (headers.get('content-length') ?? undefined);
    return {
      startsAtByte: status === 206 ? Number(start ?? 0) : 0,
      ...(length !== undefined && { totalBytes: Number(length) }),
      bytes: patience.over(body as AsyncIterable<Uint8Array>),
    };
  }

  async #ask(path: string, fromByte: number, patience: Patience): Promise<Response> {
    // A compressed answer could not be gone on with, and its length would not be the file's.
    const headers = { 'accept-encoding': 'identity', ...(fromByte > 0 && { range: `bytes=${fromByte}-` }) };
    try {
      return await fetch(this.where(path), { headers, signal: patience.signal, redirect: 'follow' });
    } catch (thrown) {
      throw patience.explain(thrown);
    }
  }
}

/** Gives a connection up that says nothing for a while; how long the whole takes is free. */
class Patience {
  readonly #where: string;
  readonly #limitMs: number;
  readonly #parent: AbortSignal;
  readonly #controller = new AbortController();
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(where: string, limitMs: number, parent: AbortSignal) {
    this.#where = where;
    this.#limitMs = limitMs;
    this.#parent = parent;
    this.#stop = () => this.#controller.abort(parent.reason);
    if (parent.aborted) this.#stop();
    parent.addEventListener('abort', this.#stop);
    this.#wait();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The same bytes. While their reader is busy, the other side is not waited for. */
  async *over(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        clearTimeout(this.#timer);
        yield chunk;
        this.#wait();
      }
    } catch (thrown) {
      throw this.explain(thrown);
    } finally {
      this.end();
    }
  }

  explain(thrown: unknown): Error {
    this.end();
    this.#parent.throwIfAborted();
    if (this.#controller.signal.aborted) return asError(this.#controller.signal.reason);
    const { message, cause } = asError(thrown);
    const detail = cause instanceof Error ? `${message} (${cause.message})` : message;
    return new EnvironmentError(`${this.#where}: ${detail}`, { cause: asError(thrown) });
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#parent.removeEventListener('abort', this.#stop);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const silence = `the mirror said nothing for ${this.#limitMs / 1000} s`;
      this.#controller.abort(new EnvironmentError(`${this.#where}: ${silence}`));
    }, this.#limitMs);
  }
}
