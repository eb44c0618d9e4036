// The driver against a store of one deployment and its pods, with the versions of objects that an apiserver keeps.
import { describe, expect, it } from 'vitest';
import type { Ask } from './ledger.ts';
import { Logapi, missingOf } from './logapi.ts';

interface Stored {
  metadata: { resourceVersion: number; generation: number; labels: object };
  spec: { replicas: number; template: { spec: { nodeSelector: object; containers: { image: string }[] } } };
  status: object;
}

class Store {
  deployment: Stored = {
    metadata: { resourceVersion: 1, generation: 1, labels: { app: 'logapi' } },
    spec: {
      replicas: 6,
      template: { spec: { nodeSelector: { role: 'node' }, containers: [{ image: 'holdfast/logapi:v1' }] } },
    },
    status: { replicas: 6, availableReplicas: 6, updatedReplicas: 6, observedGeneration: 1 },
  };
  /** So many changes are made by somebody else just before ours. */
  rivals = 0;
  readonly deleted: string[] = [];

  readonly ask: Ask = (method, path, body) => {
    if (method === 'DELETE') {
      this.deleted.push(path);
      return answer(200, {});
    }
    if (path.includes('/pods')) return answer(200, { items: PODS });
    if (method === 'GET') return answer(200, this.deployment);
    const { metadata, spec } = body as Stored;
    if (this.rivals > 0) {
      this.rivals -= 1;
      this.deployment.metadata.resourceVersion += 1;
    }
    if (metadata.resourceVersion !== this.deployment.metadata.resourceVersion) {
      return answer(409, 'the object has been modified');
    }
    const { resourceVersion, generation, labels } = this.deployment.metadata;
    this.deployment = {
      ...this.deployment,
      spec,
      metadata: { labels, resourceVersion: resourceVersion + 1, generation: generation + 1 },
    };
    return answer(200, this.deployment);
  };
}

function answer(status: number, body: unknown): ReturnType<Ask> {
  return Promise.resolve({ status, body: JSON.stringify(body) });
}

const PODS = [
  {
    metadata: { name: 'logapi-b', deletionTimestamp: '2026-01-31T06:27:20Z' },
    spec: { nodeName: 'n2', containers: [{ image: 'holdfast/logapi:v2' }] },
  },
  {
    metadata: { name: 'logapi-a' },
    spec: { nodeName: 'n1', containers: [{ image: 'holdfast/logapi:v1' }] },
    status: { conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [{ restartCount: 3 }] },
  },
];

describe('logapi', () => {
  it('is scaled, and nothing else of it is changed', async () => {
    const store = new Store();
    await new Logapi(store.ask).scaleTo(12);
    expect(store.deployment.spec).toEqual({ ...new Store().deployment.spec, replicas: 12 });
  });

  it('is rolled to another version, and nothing else of it is changed', async () => {
    const store = new Store();
    await new Logapi(store.ask).rollTo('v2');
    const { template } = store.deployment.spec;
    expect(template.spec).toEqual({
      nodeSelector: { role: 'node' },
      containers: [{ image: 'holdfast/logapi:v2' }],
    });
    expect(store.deployment.spec.replicas).toBe(6);
  });

  it('is changed although somebody else changes it, and not for ever', async () => {
    const store = new Store();
    store.rivals = 4;
    await new Logapi(store.ask).scaleTo(3);
    expect(store.deployment.spec.replicas).toBe(3);
    store.rivals = 5;
    await expect(new Logapi(store.ask).scaleTo(6)).rejects.toThrow('HTTP 409');
  });

  it('is as deployed again, and left alone where it is', async () => {
    const store = new Store();
    const logapi = new Logapi(store.ask);
    expect(await logapi.restore()).toBe(false);
    expect(store.deployment.metadata.generation).toBe(1);
    await logapi.scaleTo(12);
    await logapi.rollTo('v2');
    expect(await logapi.restore()).toBe(true);
    expect(store.deployment.spec).toEqual(new Store().deployment.spec);
  });

  it('is not there yet while its controller has not seen what is wanted', async () => {
    const store = new Store();
    const logapi = new Logapi(store.ask);
    expect(missingOf(await logapi.state(), { replicas: 6, version: 'v1' })).toBeUndefined();
    await logapi.rollTo('v2');
    expect(missingOf(await logapi.state(), { replicas: 6, version: 'v2' })).toBe(
      '6 available of 6 wanted, 6 of 6 are v2, not yet seen by its controller',
    );
  });

  it.each([
    { what: 'a pod too many', status: { replicas: 7, availableReplicas: 6, updatedReplicas: 6 } },
    { what: 'an old pod', status: { replicas: 6, availableReplicas: 6, updatedReplicas: 5 } },
    {
      what: 'a pod that is not available',
      status: { replicas: 6, availableReplicas: 5, updatedReplicas: 6 },
    },
    { what: 'none', status: {} },
  ])('is not there with $what', async ({ status }) => {
    const store = new Store();
    store.deployment.status = { ...status, observedGeneration: 1 };
    expect(missingOf(await new Logapi(store.ask).state(), { replicas: 6, version: 'v1' })).toBeDefined();
  });

  it('knows its pods, those too that are about to go', async () => {
    expect(await new Logapi(new Store().ask).pods()).toEqual([
      { name: 'logapi-a', node: 'n1', version: 'v1', ready: true, deleting: false, restarts: 3 },
      { name: 'logapi-b', node: 'n2', version: 'v2', ready: false, deleting: true, restarts: 0 },
    ]);
  });

  it('says what the apiserver said when it refuses', async () => {
    const ask: Ask = () => Promise.resolve({ status: 403, body: 'forbidden' });
    await expect(new Logapi(ask).scaleTo(3)).rejects.toThrow('deployments/logapi: HTTP 403 forbidden');
    await expect(new Logapi(ask).deletePod('x')).rejects.toThrow('HTTP 403 forbidden');
  });
});
