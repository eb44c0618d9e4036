// Discovery documents as a cluster of v1.20.2 gave them (recorded, cut to what is asked for), and as others would.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { electionsWithoutLease, requireApi, type ApiAsked } from './api.ts';

type Documents = Record<string, unknown>;

const RECORDED = readFileSync(
  new URL('../../../fixtures/runs/discovery-v1.20.2.json', import.meta.url),
  'utf8',
);
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

interface Document {
  groups: { name: string; versions: { version: string }[] }[];
  resources: { name: string; verbs: string[] }[];
}

function api(change: (documents: Record<string, Document>) => void = () => undefined): ApiAsked {
  const documents = JSON.parse(RECORDED) as Documents;
  change(documents as Record<string, Document>);
  return {
    request: (_, path) =>
      Promise.resolve(
        documents[path] === undefined
          ? { status: 404, body: 'not found' }
          : { status: 200, body: JSON.stringify(documents[path]) },
      ),
  };
}

describe('what holdfast asks for', () => {
  test('is served by v1.20.2', async () => {
    await expect(requireApi(api())).resolves.toBeUndefined();
  });

  test('is served where beta versions are gone, as in later releases', async () => {
    const later = api((documents) => {
      for (const group of documents['/apis']?.groups ?? []) {
        group.versions = group.versions.filter(({ version }) => /^v\d+$/.test(version));
      }
    });
    await expect(requireApi(later)).resolves.toBeUndefined();
  });

  test('is missed by name, with the versions that are there', async () => {
    const older = api((documents) => {
      delete documents['/apis/coordination.k8s.io/v1'];
      const group = documents['/apis']?.groups.find(({ name }) => name === 'coordination.k8s.io');
      if (group) group.versions = [{ version: 'v1beta1' }];
      delete documents['/apis/apps/v1'];
      if (documents['/apis'])
        documents['/apis'].groups = documents['/apis'].groups.filter(({ name }) => name !== 'apps');
    });
    await expect(requireApi(older)).rejects.toThrow(
      'no apps/v1, nor any other version of it; no coordination.k8s.io/v1, but v1beta1',
    );
  });

  test('is missed verb by verb', async () => {
    const lame = api((documents) => {
      const core = documents['/api/v1'];
      if (!core) return;
      core.resources = core.resources.filter(({ name }) => name !== 'services');
      for (const one of core.resources) one.verbs = one.verbs.filter((verb) => verb !== 'watch');
    });
    await expect(requireApi(lame)).rejects.toThrow(/configmaps in \/api\/v1 without watch.*no services in/);
  });

  test('an API that answers with an error is not one that serves nothing', async () => {
    const denied: ApiAsked = { request: () => Promise.resolve({ status: 403, body: 'forbidden' }) };
    await expect(requireApi(denied)).rejects.toThrow('HTTP 403: forbidden');
  });
});

test('elections without a lease are named', async () => {
  const leases = (...names: string[]): ApiAsked =>
    api((documents) => {
      (documents as Documents)[LEASES] = { items: names.map((name) => ({ metadata: { name } })) };
    });
  expect(await electionsWithoutLease(leases('kube-scheduler', 'kube-controller-manager', 'other'))).toEqual(
    [],
  );
  expect(await electionsWithoutLease(leases('kube-scheduler'))).toEqual(['kube-controller-manager']);
  expect(await electionsWithoutLease(api())).toEqual(['kube-controller-manager', 'kube-scheduler']);
});
