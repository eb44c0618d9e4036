// Who holds the VIP now and who advertised it when, as the watches last told: known without asking any host again.
import type { JournalEvent, Recorder } from '../core/record.ts';

export class VipView implements Recorder {
  readonly #next: Recorder;
  readonly #holders = new Set<string>();
  readonly #advertisedMs = new Map<string, number>();

  constructor(next: Recorder) {
    this.#next = next;
  }

  append(event: JournalEvent): void {
    this.#next.append(event);
    if (event.type === 'vrrp.advert' && event.host !== undefined) {
      this.#advertisedMs.set(event.host, event.atMs);
    }
    if (event.type !== 'vip.address') return;
    if (event.present) this.#holders.add(event.host);
    else this.#holders.delete(event.host);
  }

  get holders(): readonly string[] {
    return [...this.#holders];
  }

  /** When the host's last advert was seen on the wire. */
  advertisedMs(host: string): number | undefined {
    return this.#advertisedMs.get(host);
  }
}
