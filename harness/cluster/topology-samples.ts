// Topology files for the tests: the seed's hosts with one of them changed, and what a bad file is rejected with.
import { explainError, UsageError } from '../core/errors.ts';
import { parseTopology } from './topology.ts';

/** The message with its hint; throws when the text is accepted. */
export function rejected(text: string): string {
  try {
    parseTopology(text, 'lab.yaml');
  } catch (error) {
    if (error instanceof UsageError) return explainError(error);
    throw error;
  }
  throw new Error('the topology was accepted');
}

/** The seed's five hosts, one of them changed. */
export function hostsWith(change: Partial<Record<'m1' | 'm2' | 'm3' | 'n1' | 'n2', string>>): string {
  const hosts = {
    m1: '{ name: m1, address: 10.10.102.91, roles: [master] }',
    m2: '{ name: m2, address: 10.10.102.92, roles: [master] }',
    m3: '{ name: m3, address: 10.10.102.93, roles: [master] }',
    n1: '{ name: n1, address: 10.10.103.96, roles: [node, etcd] }',
    n2: '{ name: n2, address: 10.10.103.97, roles: [node, etcd] }',
    ...change,
  };
  return `hosts:\n${Object.values(hosts)
    .filter(Boolean)
    .map((host) => `  - ${host}\n`)
    .join('')}`;
}
