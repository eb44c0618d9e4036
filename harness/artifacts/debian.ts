// Debian's root file system: from a registry where one answers, else from Debian's packages with mmdebstrap.
import type Docker from 'dockerode';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { asError, EnvironmentError } from '../core/errors.ts';
import { withLimit } from '../core/wait.ts';
import type { BuildLog } from './build-log.ts';
import type { DebianRecipe } from './catalogue.ts';
import { followEngine, imageExists, imageLabels } from './engine.ts';
import type { PlannedImage } from './plan.ts';

const PULL_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 180_000;
const run = promisify(execFile);

export interface DebianOptions {
  readonly docker: Docker;
  readonly image: PlannedImage;
  readonly recipe: DebianRecipe;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

/** Returns the reference to build on: the registry's own name, or our tag. */
export async function ensureDebian(options: DebianOptions): Promise<string> {
  const { docker, image, recipe, log, signal } = options;
  if (await imageExists(docker, image.tag)) return image.tag;
  if (await imageExists(docker, recipe.registryImage)) return recipe.registryImage;
  try {
    await pull(options);
    return recipe.registryImage;
  } catch (thrown) {
    signal.throwIfAborted();
    log.write(
      `no image from a registry (${asError(thrown).message}); bootstrapping Debian ${recipe.suite}\n`,
    );
    await bootstrap(options);
    return image.tag;
  }
}

async function pull({ docker, recipe, log, signal }: DebianOptions): Promise<void> {
  log.write(`pulling ${recipe.registryImage}\n`);
  await withLimit(PULL_TIMEOUT_MS, signal, async (limited) => {
    const answer = await docker.pull(recipe.registryImage, { abortSignal: limited });
    await followEngine(answer, (text) => log.write(text));
  });
}

async function bootstrap(options: DebianOptions): Promise<void> {
  const { docker, image, recipe, log, signal } = options;
  await ensureMmdebstrap(options);
  const [repo, tag] = image.tag.split(':');
  const child = spawn('mmdebstrap', ['--variant=minbase', '--format=tar', recipe.suite, '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.write(text));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const answer = await docker.importImage(child.stdout, {
    repo,
    tag,
    changes: Object.entries(imageLabels(image.spec.name)).map(([name, value]) => `LABEL ${name}=${value}`),
    abortSignal: signal,
  });
  const [imported, left] = await Promise.allSettled([followEngine(answer, (text) => log.write(text)), ended]);
  const exitCode = left.status === 'fulfilled' ? left.value[0] : undefined;
  if (exitCode === 0 && imported.status === 'fulfilled') return;
  // A root file system cut short imports without complaint.
  await docker
    .getImage(image.tag)
    .remove()
    .catch(() => undefined);
  signal.throwIfAborted();
  throw new EnvironmentError(
    `mmdebstrap ended with exit code ${exitCode ?? 'unknown'}`,
    imported.status === 'rejected' ? { cause: asError(imported.reason) } : {},
  );
}

async function ensureMmdebstrap({ recipe, log, signal }: DebianOptions): Promise<void> {
  if (await succeeds('mmdebstrap', ['--version'])) return;
  const mayInstall = process.getuid?.() === 0 && (await succeeds('apt-get', ['--version']));
  if (!mayInstall) {
    throw new EnvironmentError(
      `there is no base image: no registry answered for ${recipe.registryImage}, and mmdebstrap is not installed`,
      {
        hint: `as root: apt-get install mmdebstrap debian-archive-keyring; or make ${recipe.registryImage} known to the engine (docker pull, docker load)`,
      },
    );
  }
  log.write('installing mmdebstrap\n');
  const options = {
    timeout: INSTALL_TIMEOUT_MS,
    signal,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const install = ['install', '-y', '--no-install-recommends', 'mmdebstrap', 'debian-archive-keyring'];
  try {
    await run('apt-get', ['update'], options);
    await run('apt-get', install, options);
  } catch (thrown) {
    signal.throwIfAborted();
    throw new EnvironmentError('mmdebstrap could not be installed', {
      cause: asError(thrown),
      hint: `as root: apt-get update && apt-get ${install.join(' ')}`,
    });
  }
}

async function succeeds(program: string, argv: readonly string[]): Promise<boolean> {
  return run(program, argv).then(
    () => true,
    () => false,
  );
}
