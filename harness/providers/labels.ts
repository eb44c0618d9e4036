// How containers and networks of a lab are named and labelled: by these another process finds them again.
import { createHash } from 'node:crypto';
import type { LabDescriptor } from '../core/provider.ts';
import type { HostRole } from '../core/topology.ts';

export const LAB_LABEL = 'holdfast=lab';
export const RUN_LABEL = 'holdfast.run';
const HOST_LABEL = 'holdfast.host';
const ROLES_LABEL = 'holdfast.roles';
const DESCRIPTOR_LABEL = 'holdfast.lab';

export type Labels = Readonly<Record<string, string>>;

export function runLabels(runId: string): Labels {
  return { holdfast: 'lab', [RUN_LABEL]: runId };
}

export function hostLabels(
  runId: string,
  hostName: string,
  roles: readonly (HostRole | 'observer')[],
): Labels {
  return { ...runLabels(runId), [HOST_LABEL]: hostName, [ROLES_LABEL]: roles.join(',') };
}

export function networkLabels(descriptor: LabDescriptor): Labels {
  return { ...runLabels(descriptor.runId), [DESCRIPTOR_LABEL]: JSON.stringify(descriptor) };
}

/** The lab that a network's labels describe; undefined on a network that is not a lab's. */
export function descriptorOf(labels: Labels | undefined): LabDescriptor | undefined {
  const json = labels?.[DESCRIPTOR_LABEL];
  return json === undefined ? undefined : (JSON.parse(json) as LabDescriptor);
}

export function networkName(runId: string): string {
  return `holdfast-${runId}`;
}

export function containerName(runId: string, hostName: string): string {
  return `holdfast-${runId}-${hostName}`;
}

/** The kernel allows 15 characters for the name of an interface. */
export function bridgeName(runId: string): string {
  return `hf-${createHash('sha256').update(runId).digest('hex').slice(0, 12)}`;
}

/** The engine's filter for everything of one run, or of all runs. */
export function labelFilter(runId?: string): { readonly label: string[] } {
  return { label: runId === undefined ? [LAB_LABEL] : [LAB_LABEL, `${RUN_LABEL}=${runId}`] };
}
