// Hosts that would go on for ever sending to a master which has lost the VIP are put right after a while: what the design does
// by itself is on record by then, and the next scenario must not pay for it.
import { forgetNeighbours } from '../cluster/vip-neighbours.ts';
import type { Cluster as WholeCluster } from '../cluster/cluster.ts';
import type { RunClock } from '../core/clock.ts';
import type { Recorder } from '../core/record.ts';

type Cluster = Pick<WholeCluster, 'misled' | 'lab'>;

/** An entry that nobody confirms is asked for anew within this: 5 s of delay and three probes (arp(7)), with a margin. */
const LONGEST_MS = 20_000;

export class MisledMender {
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  readonly #clock: RunClock;
  /** Host → when it was first seen to be misled, of those that still are. */
  #since = new Map<string, number>();

  constructor(cluster: Cluster, recorder: Recorder, clock: RunClock) {
    this.#cluster = cluster;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /** To be called again and again while steady state is waited for. */
  async look(): Promise<void> {
    const misled = await this.#cluster.misled();
    const nowMs = this.#clock.now();
    const hosts = misled?.hosts ?? [];
    this.#since = new Map(hosts.map((host) => [host, this.#since.get(host) ?? nowMs]));
    const long = hosts.filter((host) => nowMs - (this.#since.get(host) ?? nowMs) >= LONGEST_MS);
    if (!misled || long.length === 0) return;
    const forMs = Math.min(...long.map((host) => nowMs - (this.#since.get(host) ?? nowMs)));
    this.#recorder.append({ type: 'vip.misled', atMs: nowMs, holder: misled.holder, hosts: long, forMs });
    await forgetNeighbours(this.#cluster.lab, long);
  }
}
