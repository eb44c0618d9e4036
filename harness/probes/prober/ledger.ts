// The ledger's writer: at every tick one more numbered record, each a ConfigMap of its own, and what became of it.
import type { LedgerAppend } from '../../core/record.ts';
import type { LedgerConfig } from '../protocol.ts';
import type { Ask } from './connections.ts';
import type { Outcome } from './exchange.ts';
import type { LedgerBook } from './ledger-book.ts';
import { readingOf } from './reading.ts';
import { httpRequest } from './request.ts';
import type { SeriesProgram } from './series.ts';

export const LEDGER_LABEL = 'holdfast.ledger';
const KEY_LABEL = 'holdfast.key';
export const RECORD_LABEL = 'holdfast.record';

export interface LedgerWriter {
  /** Asks on the series' connection; its outcomes keep the body. */
  readonly ask: Ask;
  /** Host and port, as in a URL. */
  readonly authority: string;
  readonly connection: 'close' | 'keep-alive';
  readonly ledger: LedgerConfig;
  readonly book: LedgerBook;
}

/**
 * Each request is sent once and never again: a client that repeats one whose answer is missing writes twice. The server
 * makes the name up (generateName), so that a request carried out twice is seen as two objects.
 *
 * A record began no earlier than its tick, and its outcome is known no later than the tick plus the reading's duration.
 */
export function ledgerProgram(writer: LedgerWriter): SeriesProgram {
  const { ask, ledger, book } = writer;
  return {
    take: async ({ startNs }) => {
      const record = book.begin(startNs);
      const key = `k${record % ledger.keys}`;
      const outcome = await ask(startNs, requestFor(writer, key, record));
      const append = whatBecameOf(outcome, key, record);
      if (append.outcome === 'acknowledged') book.acknowledge(record, process.hrtime.bigint());
      return { ...readingOf(outcome), ...strangeAnswer(outcome, append), w: append };
    },
    // Opens the connections without writing: a record that no sample tells of would look like one that was made up.
    warmUp: () =>
      Promise.all(
        Array.from({ length: ledger.keys }, () => ask(process.hrtime.bigint(), firstRequest(writer))),
      ),
  };
}

function requestFor({ ledger, authority, connection }: LedgerWriter, key: string, record: number): string {
  const labels = { [LEDGER_LABEL]: ledger.id, [KEY_LABEL]: key, [RECORD_LABEL]: String(record) };
  const metadata = { generateName: `ledger-${key}-${record}-`, labels };
  return httpRequest({
    method: 'POST',
    path: `/api/v1/namespaces/${ledger.namespace}/configmaps`,
    authority,
    connection,
    body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata }),
  });
}

function firstRequest({ ledger, authority, connection }: LedgerWriter): string {
  return httpRequest({
    method: 'GET',
    path: `/api/v1/namespaces/${ledger.namespace}`,
    authority,
    connection,
  });
}

/**
 * Answers that an apiserver gives before it asks its store to write: it could not authenticate, authorize, read, find the
 * namespace, or admit (RFC 9110 section 15.5; 429 is its limit on requests under way). Not among them: 408, 504 and all
 * other 5xx, after which the write may be under way; and 409, which a store that carried out a repeated request gives.
 */
const NOT_WRITTEN: ReadonlySet<number | undefined> = new Set([
  400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 422, 429, 431,
]);

function whatBecameOf(outcome: Outcome, key: string, record: number): LedgerAppend {
  const { failure, sent, status, body = '' } = outcome;
  if (!sent || (failure === 'status' && NOT_WRITTEN.has(status))) return { key, record, outcome: 'refused' };
  if (failure !== undefined || !isAbout(body, record)) return { key, record, outcome: 'indeterminate' };
  const revision = /"resourceVersion":"(\d+)"/.exec(body)?.[1];
  return {
    key,
    record,
    outcome: 'acknowledged',
    ...(revision !== undefined && { revision: Number(revision) }),
  };
}

/** The answer is the object that was sent: some other 2xx, or another request's answer, acknowledges nothing. */
function isAbout(body: string, record: number): boolean {
  return body.includes(`"${RECORD_LABEL}":"${record}"`);
}

function strangeAnswer(
  { failure }: Outcome,
  { outcome }: LedgerAppend,
): { readonly f?: 'other'; readonly m?: string } {
  return failure === undefined && outcome !== 'acknowledged'
    ? { f: 'other', m: 'a good answer that is not about the record' }
    : {};
}
