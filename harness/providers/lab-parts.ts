// What the labs of all providers have in common.
import { asError, UsageError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';

/** @throws UsageError that names the hosts there are */
export function hostNamed(name: string, hosts: readonly Host[], observer: Host): Host {
  const found = [...hosts, observer].find((one) => one.name === name);
  if (found) return found;
  throw new UsageError(`the lab has no host ${name}`, {
    hint: `its hosts are ${hosts.map((one) => one.name).join(', ')}`,
  });
}

/** Removes what a failed provisioning made. @returns what is to be thrown: the failure, with that of the removal if it failed too */
export async function failureAfterRemoval(failure: Error, remove: () => Promise<unknown>): Promise<Error> {
  try {
    await remove();
    return failure;
  } catch (thrown) {
    return new AggregateError([failure, asError(thrown)], `${failure.message}, and so did its removal`);
  }
}
