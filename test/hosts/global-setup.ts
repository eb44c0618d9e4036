// The engine and the images for all tests on real hosts: brought up once, and let go when the last test is over.
import { prepareImages } from '../../harness/commands/environment.ts';
import { Progress } from '../../harness/commands/progress.ts';
import { DEFAULT_PROFILE } from '../../harness/profiles/index.ts';
import { releaseEngine } from '../../harness/providers/engine.ts';

export async function setup(): Promise<void> {
  const progress = new Progress({ plain: true });
  const phase: typeof progress.phase = (title, work) => progress.phase(title, work);
  try {
    await prepareImages(DEFAULT_PROFILE, phase, new AbortController().signal);
  } catch (thrown) {
    await releaseEngine();
    throw thrown;
  }
}

export async function teardown(): Promise<void> {
  await releaseEngine();
}
