// Who holds the VIP now, as the watch on the masters last told: known without asking any host again.
import type { JournalEvent, Recorder } from '../core/record.ts';

export class VipView implements Recorder {
  readonly #next: Recorder;
  readonly #holders = new Set<string>();

  constructor(next: Recorder) {
    this.#next = next;
  }

  append(event: JournalEvent): void {
    this.#next.append(event);
    if (event.type !== 'vip.address') return;
    if (event.present) this.#holders.add(event.host);
    else this.#holders.delete(event.host);
  }

  get holders(): readonly string[] {
    return [...this.#holders];
  }
}
