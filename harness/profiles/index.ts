// Every Kubernetes version that holdfast knows: name to profile.
import { UsageError } from '../core/errors.ts';
import type { Profile } from './profile.ts';
import { v1_20_2 } from './v1.20.2.ts';

export type { Profile } from './profile.ts';

export const PROFILES: readonly Profile[] = [v1_20_2];
export const DEFAULT_PROFILE: Profile = v1_20_2;

/** @throws UsageError that names the profiles there are */
export function profileNamed(name: string): Profile {
  const profile = PROFILES.find((one) => one.name === name);
  if (profile) return profile;
  const known = PROFILES.map((one) => one.name).join(', ');
  throw new UsageError(`there is no profile "${name}"; there is ${known}`);
}
