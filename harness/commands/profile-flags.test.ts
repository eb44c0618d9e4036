// Which version of Kubernetes is meant, and which words contradict each other.
import { expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../profiles/index.ts';
import { profileFrom } from './profile-flags.ts';

test('a profile is found by its name, a release by its version', () => {
  expect(profileFrom({ profile: DEFAULT_PROFILE.name })).toBe(DEFAULT_PROFILE);
  expect(profileFrom({ profile: 'release', kubernetes: 'v1.31.4' }).name).toBe('release-v1.31.4');
  expect(profileFrom({ profile: 'release-v1.31.4', mirror: '/srv/mirror' }).kubernetesVersion).toBe(
    'v1.31.4',
  );
});

test.each([
  [{ profile: 'release' }, '--profile release needs a version'],
  [{ profile: 'release', kubernetes: '1.31' }, '"1.31" is no version of Kubernetes'],
  [
    { profile: 'v1.20.2', kubernetes: 'v1.31.4' },
    '--kubernetes goes with --profile release only; v1.20.2 is one version',
  ],
  [{ profile: 'v1.20.2', mirror: '/srv/mirror' }, '--mirror goes with --profile release only'],
  [{ profile: 'relase' }, 'there is no profile "relase"'],
])('%j is refused', (flags, message) => {
  expect(() => profileFrom(flags)).toThrow(message);
});
