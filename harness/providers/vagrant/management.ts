// Over which addresses vagrant reaches the machines: a network that nobody on this machine has.
import { HoldfastError } from '../../core/errors.ts';
import { runLocal } from '../../hosts/local.ts';
import { networksOverlap } from '../instances.ts';
import { parseRoutes } from '../lab-network.ts';

const CANDIDATES = Array.from({ length: 50 }, (_, index) => `192.168.${200 + index}.0/24`);

export async function freeManagementAddress(): Promise<string> {
  const { stdout } = await runLocal(['ip', '-4', '-j', 'route']);
  return firstFree(parseRoutes(stdout).map(({ cidr }) => cidr));
}

/** @param taken CIDRs of networks that this machine has a route to */
export function firstFree(taken: readonly string[]): string {
  const free = CANDIDATES.find((candidate) => !taken.some((cidr) => networksOverlap(candidate, cidr)));
  if (free !== undefined) return free;
  throw new HoldfastError(
    `every network from ${CANDIDATES[0] ?? ''} to ${CANDIDATES.at(-1) ?? ''} is taken`,
    {
      hint: 'holdfast down removes labs that nobody needs any more',
    },
  );
}
