// Profiles are found by the name a user types.
import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, profileNamed, PROFILES, SEED_PROFILE } from './index.ts';

test('every profile is found by its name, and no two share one', () => {
  for (const profile of PROFILES) expect(profileNamed(profile.name)).toBe(profile);
  expect(new Set(PROFILES.map(({ name }) => name)).size).toBe(PROFILES.length);
});

test('an unknown name is refused with the names there are', () => {
  expect(() => profileNamed('v9.9.9')).toThrow(
    `there is no profile "v9.9.9"; there are ${DEFAULT_PROFILE.name}, release`,
  );
});

test('the seed’s own profile is refused where a cluster of the embedded way is asked for, with where it is made', () => {
  expect(() => profileNamed(SEED_PROFILE.name)).toThrow('is set up by holdfast up, and by nothing else');
});

test('the images of a profile carry its version, from its repository', () => {
  for (const { images, kubernetesVersion } of PROFILES) {
    for (const name of [images.apiServer, images.controllerManager, images.scheduler, images.kubeProxy]) {
      expect(name.startsWith(`${images.repository}/kube-`)).toBe(true);
      expect(name.endsWith(`:${kubernetesVersion}`)).toBe(true);
    }
  }
});
