// An image of files from the store of releases: what a Dockerfile would copy, without sending half a gigabyte through a context.
import type Docker from 'dockerode';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { asError } from '../core/errors.ts';
import type { BuildLog } from './build-log.ts';
import type { ImportRecipe } from './catalogue.ts';
import { followEngine, imageLabels } from './engine.ts';
import type { PlannedImage } from './plan.ts';

export interface ImportImageOptions {
  readonly docker: Docker;
  readonly image: PlannedImage;
  readonly recipe: ImportRecipe;
  readonly pathInStore: (name: string) => string;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

export async function importImage(options: ImportImageOptions): Promise<void> {
  const { docker, image, log, signal } = options;
  const archive = pack();
  const body = new PassThrough();
  const sending = pipeline(archive as AsyncIterable<Uint8Array>, body, { signal });
  const packing = packFiles(archive, options).catch((thrown: unknown) => {
    // The engine would take an archive that is cut short for a whole one.
    archive.destroy(asError(thrown));
    throw thrown;
  });
  const [repo, tag] = image.tag.split(':');
  const changes = Object.entries(imageLabels(image.spec.name)).map(
    ([name, value]) => `LABEL ${name}=${value}`,
  );
  const importing = docker
    .importImage(body, { repo, tag, changes, abortSignal: signal })
    .then((answer) => followEngine(answer, (text) => log.write(text)));
  const outcomes = await Promise.allSettled([packing, sending, importing]);
  const failure = outcomes.find((one) => one.status === 'rejected');
  if (!failure) return;
  await docker
    .getImage(image.tag)
    .remove()
    .catch(() => undefined);
  throw asError(failure.reason);
}

async function packFiles(archive: Pack, { recipe, pathInStore, log }: ImportImageOptions): Promise<void> {
  for (const [name, stored] of Object.entries(recipe.files)) {
    const path = pathInStore(stored);
    const { size } = await stat(path);
    log.write(`adding ${name}, ${size} bytes\n`);
    const entry = archive.entry({ name, size, mode: 0o755, mtime: new Date(0) });
    await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), async function (chunks) {
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        if (!entry.write(chunk)) await new Promise<void>((resolve) => entry.once('drain', () => resolve()));
      }
    });
    entry.end(undefined);
  }
  archive.finalize();
}
