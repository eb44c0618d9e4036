// VRRP adverts as the observer sees them on the wire.
import type { Host, HostStream } from '../../harness/core/host.ts';

export interface Advert {
  /** On the observer's clock. */
  readonly atMs: number;
  readonly from: string;
  /** 0: its sender says goodbye. */
  readonly priority: number;
}

/** `1796061432.123456 IP 10.10.102.91 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 101, authtype simple, …` */
export function parseAdvert(line: string): Advert | undefined {
  const [, at, from, priority] =
    /^(\d+\.\d+) IP (\S+) > 224\.0\.0\.18: VRRPv2,.* prio (\d+),/.exec(line) ?? [];
  if (at === undefined || from === undefined || priority === undefined) return undefined;
  return { atMs: Number(at) * 1000, from, priority: Number(priority) };
}

export class AdvertWatch {
  readonly adverts: Advert[] = [];
  readonly #stream: HostStream;
  readonly #read: Promise<void>;

  private constructor(stream: HostStream) {
    this.#stream = stream;
    this.#read = this.#readAll();
  }

  static async on(observer: Host, device: string): Promise<AdvertWatch> {
    return new AdvertWatch(
      await observer.stream(['tcpdump', '-i', device, '-nn', '-l', '-tt', 'ip', 'proto', '112']),
    );
  }

  /** The newest of a sender. */
  last(from: string): Advert | undefined {
    return this.adverts.findLast((advert) => advert.from === from);
  }

  since(atMs: number): readonly Advert[] {
    return this.adverts.filter((advert) => advert.atMs > atMs);
  }

  async close(): Promise<void> {
    await this.#stream.close();
    await this.#read;
  }

  async #readAll(): Promise<void> {
    for await (const line of this.#stream.lines) {
      const advert = parseAdvert(line);
      if (advert) this.adverts.push(advert);
    }
  }
}
