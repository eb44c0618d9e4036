// Container images into containerd's store inside an image (fixtures/images/host/bake-container-images does the work).
import type Docker from 'dockerode';
import { createReadStream } from 'node:fs';
import type { BuildLog } from './build-log.ts';
import type { ContainerImage } from './catalogue.ts';
import { BAKE_LABEL_VALUE, execWithInput, imageLabels, LABEL } from './engine.ts';
import type { PlannedImage } from './plan.ts';

const SCRIPT = '/usr/local/sbin/bake-container-images';

export interface BakeImageOptions {
  readonly docker: Docker;
  readonly image: PlannedImage;
  /** Reference of the image to start from. */
  readonly parent: string;
  /** `from` as a tag that the engine has. */
  readonly containerImages: readonly ContainerImage[];
  readonly pathInStore: (name: string) => string;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

export async function bakeImage(options: BakeImageOptions): Promise<void> {
  const { docker, parent, signal, log } = options;
  const container = await createBakery(docker, parent);
  // Whatever runs inside ends with its container.
  const stop = (): void => void container.kill().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await container.start();
    signal.throwIfAborted();
    await Promise.all(options.containerImages.map((one) => importInto(container, one, options)));
    log.write('moving the store into place\n');
    await container.kill({ signal: 'SIGTERM' });
    const { StatusCode: exitCode } = (await container.wait()) as { StatusCode: number };
    signal.throwIfAborted();
    if (exitCode !== 0)
      throw new Error(`${SCRIPT} serve ended with exit code ${exitCode}: ${await logsOf(container)}`);
    log.write('committing\n');
    await commit(container, options);
  } finally {
    signal.removeEventListener('abort', stop);
    await container.remove({ force: true, v: true });
  }
}

async function createBakery(docker: Docker, parent: string): Promise<Docker.Container> {
  return docker.createContainer({
    Image: parent,
    Entrypoint: [SCRIPT],
    Cmd: ['serve'],
    Labels: { [LABEL]: BAKE_LABEL_VALUE },
    HostConfig: {
      NetworkMode: 'none',
      // containerd mounts each layer once to unpack it.
      CapAdd: ['SYS_ADMIN'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
      // overlayfs does not stack on the container's own. A mount, not a volume of the image: commit would keep that.
      Mounts: [{ Type: 'volume', Source: '', Target: '/bake' }],
    },
  });
}

async function importInto(
  container: Docker.Container,
  image: ContainerImage,
  options: BakeImageOptions,
): Promise<void> {
  const { docker, log } = options;
  const { reference, archive } = await sourceOf(image, options);
  try {
    // Tagging a name as itself would end in its removal.
    const command =
      reference === image.as
        ? ['ctr', '--address', '/bake/containerd.sock', '-n', 'k8s.io', 'images', 'import', '-']
        : [SCRIPT, 'import', reference, image.as];
    await execWithInput(docker, container, command, archive, (text) => log.write(text));
  } catch (thrown) {
    throw new Error(`importing ${reference} as ${image.as} failed`, { cause: thrown });
  }
}

/** The image's archive, and the name that containerd gives it after import. */
async function sourceOf(
  image: ContainerImage,
  { docker, pathInStore }: BakeImageOptions,
): Promise<{ readonly reference: string; readonly archive: NodeJS.ReadableStream }> {
  if ('from' in image) {
    return { reference: `docker.io/${image.from}`, archive: await docker.getImage(image.from).get() };
  }
  const archive = createReadStream(pathInStore(image.archive), { highWaterMark: 256 * 1024 });
  return { reference: image.reference, archive };
}

async function commit(
  container: Docker.Container,
  { docker, image, parent }: BakeImageOptions,
): Promise<void> {
  const { Config: config } = await docker.getImage(parent).inspect();
  const [repo, tag] = image.tag.split(':');
  const labels = Object.entries(imageLabels(image.spec.name)).map(
    ([name, value]) => `LABEL ${name}=${value}`,
  );
  await container.commit({
    repo,
    tag,
    comment: 'holdfast: container images baked in',
    changes: [
      ...labels,
      `ENTRYPOINT ${JSON.stringify(config.Entrypoint)}`,
      `CMD ${JSON.stringify(config.Cmd)}`,
    ],
  });
}

async function logsOf(container: Docker.Container): Promise<string> {
  const logs = await container.logs({ stdout: true, stderr: true, tail: 10 });
  return logs.toString('utf8').trim();
}
