// The engine for the tests of profile v1.4.5; the images are theirs.
import { Progress } from '../../harness/commands/progress.ts';
import { ensureEngine, releaseEngine } from '../../harness/providers/engine.ts';

export async function setup(): Promise<void> {
  const progress = new Progress({ plain: true });
  await progress.phase('engine', (listener) =>
    ensureEngine({ progress: listener, signal: new AbortController().signal }),
  );
}

export async function teardown(): Promise<void> {
  await releaseEngine();
}
