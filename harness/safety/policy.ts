// What a person has allowed, and whose cluster it is. Plain JSON: it travels to the process that runs a scenario.
import { UsageError } from '../core/errors.ts';
import type { LabDescriptor } from '../core/provider.ts';

/** What the flags of `holdfast run` and `holdfast inject` say. */
export interface SafetyPolicy {
  /** The name of the cluster that may be broken. */
  readonly yesBreak?: string;
  /** How many hosts may be struck at the same time. Default on somebody's cluster: 1; on our own: all. */
  readonly allowHosts?: number;
  readonly allowQuorumLoss?: true;
  /** As harness/safety/abort-when.ts reads them. */
  readonly abortWhen?: readonly string[];
}

export type Owned = Pick<LabDescriptor, 'provider' | 'topology'>;

/** Hosts that holdfast did not make: whatever is broken there is somebody's. */
const FOREIGN_PROVIDER = 'inventory';

/** Whether breaking it could hurt anybody: a cluster that was found, or hosts that were there before. */
export function isSomebodys({ provider, topology }: Owned): boolean {
  return provider === FOREIGN_PROVIDER || topology.found !== undefined;
}

/** How many hosts may be struck at once. */
export function hostLimit(owned: Owned, { allowHosts }: SafetyPolicy): number {
  return allowHosts ?? (isSomebodys(owned) ? 1 : Infinity);
}

/** What stops a scenario on somebody's cluster when nobody said anything else. */
export const DEFAULT_ABORT_WHEN = 'api down 2m';

/** What is said with --abort-when; on somebody's cluster at least how long its API may be gone. */
export function abortConditions(owned: Owned, { abortWhen = [] }: SafetyPolicy): readonly string[] {
  const saysApi = abortWhen.some((text) => /^\s*api\s/i.test(text));
  return isSomebodys(owned) && !saysApi ? [DEFAULT_ABORT_WHEN, ...abortWhen] : abortWhen;
}

/**
 * Nothing of somebody's cluster is broken before its name was said.
 * @param what what would be broken, as in "kill-process on 10-10-102-91.master"
 * @throws UsageError
 */
export function requireConsent(owned: Owned, { yesBreak }: SafetyPolicy, what: string): void {
  const { name } = owned.topology;
  const hint = `say --yes-break ${name} if that is meant; --dry-run shows host by host what would be done and how it is undone`;
  if (yesBreak !== undefined && yesBreak !== name) {
    throw new UsageError(
      `--yes-break says ${yesBreak}, and the cluster is called ${name}: nothing was touched, ${what} was not done`,
      { hint },
    );
  }
  if (yesBreak === undefined && isSomebodys(owned)) {
    throw new UsageError(
      `${name} is a cluster that holdfast did not make, and this would break it: ${what}`,
      {
        hint,
      },
    );
  }
}
