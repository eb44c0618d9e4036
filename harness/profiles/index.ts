// Every Kubernetes version that holdfast knows: name to profile.
import { UsageError } from '../core/errors.ts';
import { unknownName } from '../core/suggest.ts';
import type { BundlePlan } from './bundle-plan.ts';
import type { Profile } from './profile.ts';
import { RELEASE, releaseProfile, versionOfRelease } from './release.ts';
import { V1_4_5_BUNDLE } from './v1.4.5/bundle.ts';
import { v1_4_5 } from './v1.4.5/index.ts';
import { v1_20_2 } from './v1.20.2.ts';

export type { Profile } from './profile.ts';
export { RELEASE, releaseProfile } from './release.ts';

export const PROFILES: readonly Profile[] = [v1_20_2];
export const DEFAULT_PROFILE: Profile = v1_20_2;

/** The seed's own stack: no version of the embedded way, but a plan that is gone through to the letter. */
export const SEED_PROFILE = v1_4_5;

/**
 * Also release-v1.31.4, as a cluster says of itself.
 * @throws UsageError that names the profiles there are
 */
export function profileNamed(name: string): Profile {
  const release = versionOfRelease(name);
  if (release !== undefined) return releaseProfile(release);
  const profile = PROFILES.find((one) => one.name === name);
  if (profile) return profile;
  if (name === SEED_PROFILE.name) {
    throw new UsageError(`profile ${name} is set up by holdfast up, and by nothing else`, {
      hint: `holdfast up --profile ${name} --dry-run shows how; docs/seed-v1.4.5.md`,
    });
  }
  throw unknownName('profile', name, [...PROFILES.map((one) => one.name), RELEASE]);
}

/** What a person brings, for the versions whose artefacts nobody can download or build any more. */
const BUNDLES: readonly BundlePlan[] = [V1_4_5_BUNDLE];
export const DEFAULT_BUNDLE: BundlePlan = V1_4_5_BUNDLE;

/** @throws UsageError that names the profiles that have a bundle */
export function bundlePlanFor(name: string): BundlePlan {
  const plan = BUNDLES.find(({ profile }) => profile === name);
  if (plan) return plan;
  throw unknownName(
    'bundle for profile',
    name,
    BUNDLES.map(({ profile }) => profile),
  );
}
