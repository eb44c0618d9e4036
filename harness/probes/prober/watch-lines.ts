// The stream of a Kubernetes watch: one JSON object a line, of which a chunk may hold any part.

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: WatchedObject;
}

/** What objects of every kind have in common, as far as it is of use here. */
export interface WatchedObject {
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** Of a Status, which is what an ERROR carries (410: the version asked for is gone). */
  readonly code?: number;
  readonly message?: string;
}

export class WatchLines {
  #rest = '';

  /**
   * @returns the events that are complete with this chunk
   * @throws SyntaxError when a line is no JSON: what follows on this stream cannot be trusted
   */
  push(chunk: string): WatchEvent[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WatchEvent);
  }
}
