// What holdfast brings to the hosts is what the bundle is said to have, and what it loads is in it.
import { expect, test } from 'vitest';
import { rpmFileName } from '../bundle-plan.ts';
import { V1_4_5_BUNDLE } from './bundle.ts';
import { BUNDLE_FILES } from './names.ts';
import { PREPARATION_ROWS } from './rows/preparation.ts';

const { architecture, images, rpms } = V1_4_5_BUNDLE;

test('the docker that is brought is the one of the bundle', () => {
  const docker = rpms.find(({ name }) => name === 'docker-engine');
  expect(docker && rpmFileName(docker, architecture.rpm)).toBe(BUNDLE_FILES.docker.pattern);
});

test('the images that are loaded are those of the bundle, in its order', () => {
  const loads = PREPARATION_ROWS.flatMap(({ seed }) => seed).filter((line) => line.startsWith('tars='));
  const loaded = loads.map((line) => /^tars=\((.*)\)$/m.exec(line)?.[1]?.split(/ +/));
  expect(loaded).toEqual([images.map(({ file }) => file)]);
});
