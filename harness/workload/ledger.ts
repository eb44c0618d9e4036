// The ledger on the side of the harness: the place in which its records are kept, what it holds in the end, its removal.
// The records themselves are written by the prober (harness/probes/prober/ledger.ts).
import { HoldfastError } from '../core/errors.ts';
import type { LedgerRead } from '../core/record.ts';

export const LEDGER_NAMESPACE = 'holdfast';
const NAMESPACE_PATH = `/api/v1/namespaces/${LEDGER_NAMESPACE}`;
/** Says of a namespace that it is there for the ledger alone, and goes with it. */
const OURS = { 'holdfast.purpose': 'ledger' } as const;
const LEDGER_LABEL = 'holdfast.ledger';
/** What the series that read ask for. */
const PROBE_OBJECT = 'holdfast-probe';

/** Asks one apiserver directly, not through the VIP; the body is returned whatever the status. */
export type Ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => Promise<Answer>;

interface Answer {
  readonly status: number;
  readonly body: string;
  /** The host that answered, where the asker knows it. */
  readonly host?: string;
}

const CONFIG_MAPS = `${NAMESPACE_PATH}/configmaps`;
/** In a page; one request is then answered in well under a second: a deletion takes 7 ms or, on a busy machine, 40. */
const READ_PAGE = 500;
const REMOVAL_PAGE = 25;
/** A reading begins afresh when the revision that it reads at is no longer kept. */
const READ_ATTEMPTS = 3;
/** More pages than any scenario writes. */
const MOST_PAGES = 5000;

/**
 * Makes sure that the namespace and the object that is read are there, and no records: those of a run that was killed
 * are nobody's. Idempotent.
 * @throws HoldfastError when they cannot be made
 */
export async function prepareLedger(ask: Ask): Promise<void> {
  const metadata = { name: LEDGER_NAMESPACE, labels: OURS };
  await create(ask, '/api/v1/namespaces', { kind: 'Namespace', metadata });
  await create(ask, CONFIG_MAPS, {
    kind: 'ConfigMap',
    metadata: { name: PROBE_OBJECT },
    data: { purpose: 'read by the probes of holdfast' },
  });
  await removeSelected(ask, LEDGER_LABEL);
}

async function create(ask: Ask, path: string, object: object): Promise<void> {
  const answer = await ask('POST', path, { apiVersion: 'v1', ...object });
  // 409: it is there.
  if (answer.status !== 201 && answer.status !== 409) throw unexpected('POST', path, answer);
}

/**
 * Removes the namespace with all that is in it, if prepareLedger made it; one that was there before stays. Idempotent.
 * @returns whether it is there no longer: a cluster takes some seconds to delete a namespace
 */
export async function dismantleLedger(ask: Ask): Promise<boolean> {
  const found = await ask('GET', NAMESPACE_PATH);
  if (found.status === 404) return true;
  if (found.status !== 200) throw unexpected('GET', NAMESPACE_PATH, found);
  const { metadata } = JSON.parse(found.body) as Labelled;
  if (Object.entries(OURS).some(([label, value]) => metadata.labels?.[label] !== value)) return true;
  if (metadata.deletionTimestamp !== undefined) return false;
  const answer = await ask('DELETE', NAMESPACE_PATH);
  if (![200, 202, 404].includes(answer.status)) throw unexpected('DELETE', NAMESPACE_PATH, answer);
  return answer.status === 404;
}

interface Labelled {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
}

/**
 * Every record of one ledger, all at one revision, read with quorum (a list without resourceVersion). An object that
 * nobody changed stands at the revision at which it was created.
 * @throws HoldfastError when it cannot be read whole: half a ledger would look like lost writes
 */
export async function readLedger(ask: Ask, id: string): Promise<Pick<LedgerRead, 'host' | 'entries'>> {
  let missing: Answer | undefined;
  for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt += 1) {
    const read = await readPages(ask, id);
    if ('entries' in read) return read;
    missing = read.expired;
  }
  throw unexpected('GET', CONFIG_MAPS, missing ?? { status: 0, body: 'no answer' });
}

type PagesRead = Pick<LedgerRead, 'host' | 'entries'> | { readonly expired: Answer };

async function readPages(ask: Ask, id: string): Promise<PagesRead> {
  const entries: LedgerRead['entries'][number][] = [];
  const hosts = new Set<string>();
  let next = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const path = `${CONFIG_MAPS}?labelSelector=${encodeURIComponent(recordsOf(id))}&limit=${READ_PAGE}${next}`;
    const answer = await ask('GET', path);
    if (answer.status === 410) return { expired: answer };
    if (answer.status !== 200) throw unexpected('GET', path, answer);
    const { metadata, items } = JSON.parse(answer.body) as ConfigMapList;
    entries.push(...items.map(entryOf));
    hosts.add(answer.host ?? 'an apiserver');
    if (!metadata.continue) return { host: [...hosts].join(' and '), entries };
    next = `&continue=${encodeURIComponent(metadata.continue)}`;
  }
  throw new HoldfastError(`the ledger ${id} has no end after ${MOST_PAGES} pages`);
}

interface ConfigMapList {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly ConfigMap[];
}

interface ConfigMap {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

function entryOf({ metadata }: ConfigMap): LedgerRead['entries'][number] {
  const key = metadata.labels?.['holdfast.key'];
  const record = Number(metadata.labels?.['holdfast.record']);
  const revision = Number(metadata.resourceVersion);
  if (key === undefined || !Number.isInteger(record) || !Number.isInteger(revision)) {
    throw new HoldfastError(`${metadata.name} is labelled as a record of the ledger and is none`);
  }
  return { key, record, revision };
}

/**
 * Removes every record of one ledger. Idempotent.
 * @throws HoldfastError when some are left
 */
export function removeLedger(ask: Ask, id: string): Promise<void> {
  return removeSelected(ask, recordsOf(id));
}

async function removeSelected(ask: Ask, labelSelector: string): Promise<void> {
  const path = `${CONFIG_MAPS}?labelSelector=${encodeURIComponent(labelSelector)}&limit=${REMOVAL_PAGE}`;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await ask('DELETE', path);
    if (answer.status !== 200) throw unexpected('DELETE', path, answer);
    // The answer lists what was deleted, and whether there is more.
    if (!(JSON.parse(answer.body) as ConfigMapList).metadata.continue) return;
  }
  throw new HoldfastError(`records of the ledger are left after ${MOST_PAGES} pages were removed`);
}

function recordsOf(id: string): string {
  return `${LEDGER_LABEL}=${id}`;
}

function unexpected(method: string, path: string, { status, body }: Answer): HoldfastError {
  return new HoldfastError(`${method} ${path}: HTTP ${status} ${body.slice(0, 300)}`);
}
