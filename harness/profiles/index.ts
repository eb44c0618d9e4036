// Every Kubernetes version that holdfast knows: name to profile.
import { unknownName } from '../core/suggest.ts';
import type { Profile } from './profile.ts';
import { v1_20_2 } from './v1.20.2.ts';

export type { Profile } from './profile.ts';

export const PROFILES: readonly Profile[] = [v1_20_2];
export const DEFAULT_PROFILE: Profile = v1_20_2;

/** @throws UsageError that names the profiles there are */
export function profileNamed(name: string): Profile {
  const profile = PROFILES.find((one) => one.name === name);
  if (profile) return profile;
  throw unknownName(
    'profile',
    name,
    PROFILES.map((one) => one.name),
  );
}
