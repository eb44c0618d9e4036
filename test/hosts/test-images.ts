// Which images the tests on real hosts use: those that holdfast builds, or two given ones.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { ensureImages, type ImageSet } from '../../harness/artifacts/index.ts';
import { silentProgress } from '../../harness/core/progress.ts';
import { DEFAULT_PROFILE } from '../../harness/profiles/index.ts';

/** HOLDFAST_HOST_IMAGE and HOLDFAST_OBSERVER_IMAGE together spare the build. */
export async function testImages(): Promise<ImageSet> {
  const { HOLDFAST_HOST_IMAGE: host, HOLDFAST_OBSERVER_IMAGE: observer } = process.env;
  if (host !== undefined && observer !== undefined) return { host, observer };
  return ensureImages({
    docker: new Docker(),
    profile: DEFAULT_PROFILE,
    logDir: join(tmpdir(), 'holdfast-test-images'),
    progress: silentProgress,
  });
}
