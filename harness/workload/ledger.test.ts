// The harness's side of the ledger against a store that pages, as an apiserver does.
import { describe, expect, it } from 'vitest';
import { type Ask, dismantleLedger, prepareLedger, readLedger, removeLedger } from './ledger.ts';

interface Stored {
  readonly name: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Lists and collection deletes with label selector, limit and continue; creates by name. */
class Store {
  readonly created: string[] = [];
  objects: Stored[] = [];
  /** So many pages that continue a list are told that their revision is gone. */
  expired = 0;
  requests = 0;

  readonly ask: Ask = (method, path, body) => {
    this.requests += 1;
    const url = new URL(path, 'https://apiserver');
    if (method === 'POST') return this.#create(`${url.pathname}/${nameIn(body)}`);
    const [label = '', value] = (url.searchParams.get('labelSelector') ?? '').split('=');
    const from = Number(url.searchParams.get('continue') ?? 0);
    if (from > 0 && this.expired > 0) {
      this.expired -= 1;
      return Promise.resolve({ status: 410, body: 'too old', host: 'm1' });
    }
    const selected = this.objects.filter(
      ({ labels }) => label in labels && (value === undefined || labels[label] === value),
    );
    const to = from + Number(url.searchParams.get('limit') ?? Infinity);
    const page = selected.slice(from, to);
    if (method === 'DELETE') this.objects = this.objects.filter((one) => !page.includes(one));
    const metadata = to < selected.length ? { continue: String(to) } : {};
    const items = page.map((one) => ({ metadata: one }));
    return Promise.resolve({ status: 200, body: JSON.stringify({ metadata, items }), host: 'm1' });
  };

  fill(id: string, records: number): void {
    for (let record = 1; record <= records; record += 1) {
      const labels = {
        'holdfast.ledger': id,
        'holdfast.key': `k${record % 4}`,
        'holdfast.record': String(record),
      };
      this.objects.push({ name: `${id}-${record}`, resourceVersion: String(100 + record), labels });
    }
  }

  #create(path: string): ReturnType<Ask> {
    const isThere = this.created.includes(path);
    if (!isThere) this.created.push(path);
    return Promise.resolve({ status: isThere ? 409 : 201, body: '' });
  }
}

function nameIn(body: object | undefined): string {
  return (body as { metadata: { name: string } }).metadata.name;
}

describe('the ledger', () => {
  it('is prepared once, however often that is asked for', async () => {
    const store = new Store();
    await prepareLedger(store.ask);
    await prepareLedger(store.ask);
    expect(store.created).toEqual([
      '/api/v1/namespaces/holdfast',
      '/api/v1/namespaces/holdfast/configmaps/holdfast-probe',
    ]);
  });

  describe('is dismantled', () => {
    const namespace = (metadata: object) => ({ status: 200, body: JSON.stringify({ metadata }) });
    const against = async (found: { status: number; body: string }): Promise<[boolean, string[]]> => {
      const asked: string[] = [];
      const isGone = await dismantleLedger((method, path) => {
        asked.push(`${method} ${path}`);
        return Promise.resolve(method === 'GET' ? found : { status: 200, body: '{}' });
      });
      return [isGone, asked];
    };
    const GET = 'GET /api/v1/namespaces/holdfast';
    const ours = { labels: { 'holdfast.purpose': 'ledger' } };

    it('with its namespace, which takes a while to go', async () => {
      expect(await against(namespace(ours))).toEqual([false, [GET, 'DELETE /api/v1/namespaces/holdfast']]);
      const going = { ...ours, deletionTimestamp: '2026-01-01T00:00:00Z' };
      expect(await against(namespace(going))).toEqual([false, [GET]]);
      expect(await against({ status: 404, body: '' })).toEqual([true, [GET]]);
    });

    it('but not with one that somebody else made', async () => {
      expect(await against(namespace({ labels: { team: 'a' } }))).toEqual([true, [GET]]);
      expect(await against(namespace({}))).toEqual([true, [GET]]);
    });
  });

  it('says why it cannot be prepared', async () => {
    const ask: Ask = () => Promise.resolve({ status: 500, body: 'etcdserver: request timed out' });
    await expect(prepareLedger(ask)).rejects.toThrow(
      'POST /api/v1/namespaces: HTTP 500 etcdserver: request timed out',
    );
  });

  it('is read over all its pages, and only it', async () => {
    const store = new Store();
    store.fill('other', 3);
    store.fill('mine', 1201);
    const { entries, host } = await readLedger(store.ask, 'mine');
    expect(host).toBe('m1');
    expect(entries).toHaveLength(1201);
    expect(entries.map(({ record }) => record)).toEqual(Array.from({ length: 1201 }, (_, i) => i + 1));
    expect(entries[6]).toEqual({ key: 'k3', record: 7, revision: 107 });
  });

  it('is read afresh when its revision is gone, and then holds nothing twice', async () => {
    const store = new Store();
    store.fill('mine', 900);
    store.expired = 2;
    expect((await readLedger(store.ask, 'mine')).entries).toHaveLength(900);
  });

  it('begins without the records of a run that was killed, and leaves what is no record', async () => {
    const store = new Store();
    store.fill('killed', 60);
    store.objects.push({ name: 'kube-root-ca.crt', resourceVersion: '7', labels: {} });
    await prepareLedger(store.ask);
    expect(store.objects.map(({ name }) => name)).toEqual(['kube-root-ca.crt']);
  });

  it('is not read at all rather than by half', async () => {
    const store = new Store();
    store.fill('mine', 900);
    store.expired = 3;
    await expect(readLedger(store.ask, 'mine')).rejects.toThrow('HTTP 410 too old');
    const ask: Ask = (method, path) =>
      path.includes('continue') ? Promise.resolve({ status: 504, body: 'late' }) : store.ask(method, path);
    await expect(readLedger(ask, 'mine')).rejects.toThrow('HTTP 504 late');
  });

  it('holds nothing that is labelled as a record and is none', async () => {
    const store = new Store();
    store.objects.push({ name: 'x', resourceVersion: '7', labels: { 'holdfast.ledger': 'mine' } });
    await expect(readLedger(store.ask, 'mine')).rejects.toThrow('x is labelled as a record');
  });

  it('is removed whole, by pages, and nothing else with it', async () => {
    const store = new Store();
    store.fill('other', 3);
    store.fill('mine', 120);
    await removeLedger(store.ask, 'mine');
    expect(store.objects.map(({ name }) => name)).toEqual(['other-1', 'other-2', 'other-3']);
    expect(store.requests).toBe(5);
    await removeLedger(store.ask, 'mine');
  });

  it('says when it cannot be removed', async () => {
    const ask: Ask = () => Promise.resolve({ status: 403, body: 'forbidden' });
    await expect(removeLedger(ask, 'mine')).rejects.toThrow('HTTP 403 forbidden');
  });
});
