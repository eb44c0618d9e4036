// Which Kubernetes a command means: a profile by name, or a release by its version and where it comes from.
import type { Command } from 'commander';
import { UsageError } from '../core/errors.ts';
import { DEFAULT_PROFILE, profileNamed, RELEASE, releaseProfile, type Profile } from '../profiles/index.ts';

export interface ProfileFlags {
  readonly profile: string;
  readonly kubernetes?: string | undefined;
  readonly mirror?: string | undefined;
}

export function addProfileFlags(command: Command): Command {
  return command
    .option('--profile <name>', 'the Kubernetes version', DEFAULT_PROFILE.name)
    .option('--kubernetes <version>', `with --profile ${RELEASE}: which, such as v1.31.4`)
    .option(
      '--mirror <dir|url>',
      `with --profile ${RELEASE}: where its official files are (docs/release.md)`,
    );
}

/** @throws UsageError for flags that contradict each other, and for a profile or version that there is not */
export function profileFrom({ profile, kubernetes, mirror }: ProfileFlags): Profile {
  if (profile === RELEASE && kubernetes !== undefined) return releaseProfile(kubernetes);
  if (profile === RELEASE) {
    throw new UsageError(`--profile ${RELEASE} needs a version`, { hint: 'such as --kubernetes v1.31.4' });
  }
  const named = profileNamed(profile);
  if (named.source.kind !== 'release') refuseReleaseFlags({ profile, kubernetes, mirror });
  return named;
}

/** @throws UsageError when a flag was said that means nothing for this profile */
export function refuseReleaseFlags({ profile, kubernetes, mirror }: ProfileFlags): void {
  if ((kubernetes ?? mirror) === undefined) return;
  const alone = kubernetes !== undefined ? '--kubernetes' : '--mirror';
  throw new UsageError(`${alone} goes with --profile ${RELEASE} only; ${profile} is one version`, {
    hint: `--profile ${RELEASE} ${alone} …`,
  });
}

/** What a person should know before a cluster of this profile is made. */
export function notesOf({ source }: Profile): readonly string[] {
  return source.kind === 'release' ? source.notes : [];
}
