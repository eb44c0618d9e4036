// What the watch on the cluster takes for news. The objects are as Kubernetes v1.20.2 gave them, shortened.
import { describe, expect, it } from 'vitest';
import { ClusterState } from './cluster-state.ts';
import type { WatchedObject } from './watch-lines.ts';

describe('the state of the cluster', () => {
  it('is told at first, and then only where it changed', () => {
    const state = new ClusterState();
    const node = { type: 'node', node: 'n1', ready: 'True', reason: 'KubeletReady' };
    expect(state.replace('node', [nodeObject('n1', 1, 'True', 'KubeletReady')])).toEqual([node]);
    expect(apply(state, nodeObject('n1', 2, 'True', 'KubeletReady'))).toEqual([]);
    expect(apply(state, nodeObject('n1', 3, 'Unknown', 'NodeStatusUnknown'))).toEqual([
      { ...node, ready: 'Unknown', reason: 'NodeStatusUnknown' },
    ]);
    expect(state.replace('node', [nodeObject('n1', 3, 'Unknown', 'NodeStatusUnknown')])).toEqual([]);
  });

  it('does not go back to what another server still believes', () => {
    const state = new ClusterState();
    state.replace('node', [nodeObject('n1', 7, 'False', 'KubeletNotReady')]);
    expect(state.replace('node', [nodeObject('n1', 5, 'True', 'KubeletReady')])).toEqual([]);
  });

  it('follows a pod to its end', () => {
    const state = new ClusterState();
    const pod = { type: 'pod', pod: 'default/a', node: 'n1', phase: 'Running', ready: true };
    expect(state.apply('pod', { type: 'ADDED', object: podObject('a', 1) })).toEqual([pod]);
    const ending = podObject('a', 2, { deletionTimestamp: '2026-01-31T06:27:20Z' });
    expect(state.apply('pod', { type: 'MODIFIED', object: ending })).toEqual([{ ...pod, deleted: 'begun' }]);
    expect(state.apply('pod', { type: 'DELETED', object: ending })).toEqual([
      { ...pod, ready: false, deleted: 'gone' },
    ]);
    expect(state.apply('pod', { type: 'DELETED', object: ending })).toEqual([]);
  });

  it('knows a leader by what its host calls itself', () => {
    const state = new ClusterState({ 'cp-1.rack7.test': 'cp-1' });
    const holders = ['cp-1.rack7.test_7f', 'cp-2_88'].map(
      (identity, index) =>
        state.replace('lease', [leaseObject('kube-scheduler', 4 + index, identity)])[0] as {
          holder?: string;
        },
    );
    expect(holders.map(({ holder }) => holder)).toEqual(['cp-1', 'cp-2']);
  });

  it('misses the pods that a later list no longer holds', () => {
    const state = new ClusterState();
    state.replace('pod', [podObject('a', 1), podObject('b', 2)]);
    expect(state.replace('pod', [podObject('b', 2), podObject('c', 9)])).toMatchObject([
      { pod: 'default/a', deleted: 'gone' },
      { pod: 'default/c', ready: true },
    ]);
  });

  it('tells every renewal of the leases that elect a leader, by the host in their identity', () => {
    const state = new ClusterState();
    const lease = leaseObject(
      'kube-scheduler',
      4,
      '10-10-102-91.master_bafdba96-c467-4f1b-a4ab-da435e7cf90f',
    );
    const seen = { type: 'lease', lease: 'kube-scheduler', transitions: 2, durationS: 15 };
    expect(state.replace('lease', [lease, leaseObject('kube-apiserver-x', 5, 'y_z')])).toEqual([
      { ...seen, holder: '10-10-102-91.master' },
    ]);
    expect(state.replace('lease', [lease])).toEqual([]);
    const renewed = leaseObject(
      'kube-scheduler',
      6,
      '10-10-102-91.master_bafdba96-c467-4f1b-a4ab-da435e7cf90f',
    );
    expect(state.apply('lease', { type: 'MODIFIED', object: renewed })).toHaveLength(1);
    const free = leaseObject('kube-scheduler', 7, '');
    expect(state.apply('lease', { type: 'MODIFIED', object: free })).toEqual([seen]);
    const odd = leaseObject('kube-scheduler', 8, 'somebody');
    expect(state.apply('lease', { type: 'MODIFIED', object: odd })).toEqual([
      { ...seen, holder: 'somebody' },
    ]);
  });

  it('knows whether a list is ahead of it', () => {
    const state = new ClusterState();
    state.replace('lease', [leaseObject('kube-scheduler', 4, 'm1_x')]);
    expect(state.isUpToDate('lease', [leaseObject('kube-scheduler', 4, 'm1_x')])).toBe(true);
    expect(state.isUpToDate('lease', [leaseObject('kube-scheduler', 5, 'm1_x')])).toBe(false);
    expect(state.isUpToDate('lease', [leaseObject('kube-controller-manager', 3, 'm1_x')])).toBe(false);
    expect(state.isUpToDate('lease', [leaseObject('kube-apiserver-x', 9, 'm1_x')])).toBe(true);
  });
});

function apply(state: ClusterState, object: WatchedObject): unknown[] {
  return state.apply('node', { type: 'MODIFIED', object });
}

function nodeObject(name: string, version: number, status: string, reason: string): WatchedObject {
  const conditions = [
    { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
    { type: 'Ready', status, reason },
  ];
  return { metadata: { name, resourceVersion: String(version) }, status: { conditions } } as WatchedObject;
}

function podObject(
  name: string,
  version: number,
  more: Partial<WatchedObject['metadata']> = {},
): WatchedObject {
  return {
    metadata: { namespace: 'default', name, resourceVersion: String(version), ...more },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  } as WatchedObject;
}

function leaseObject(name: string, version: number, holderIdentity: string): WatchedObject {
  return {
    metadata: { namespace: 'kube-system', name, resourceVersion: String(version) },
    spec: { holderIdentity, leaseTransitions: 2, leaseDurationSeconds: 15 },
  } as WatchedObject;
}
