// Makes images out of a plan: each as soon as its parents are there, none twice, and the first failure stops the rest.
import type Docker from 'dockerode';
import { join } from 'node:path';
import { asError } from '../core/errors.ts';
import type { ProgressListener } from '../core/progress.ts';
import { bakeImage } from './bake-image.ts';
import { BuildLog } from './build-log.ts';
import { buildImage } from './build-image.ts';
import { parentsOf } from './catalogue.ts';
import { ensureDebian } from './debian.ts';
import { imageExists } from './engine.ts';
import { ImageBuildError } from './image-build-error.ts';
import { importImage } from './import-image.ts';
import { plannedImage, type ImagePlan, type PlannedImage } from './plan.ts';

export interface WorkshopOptions {
  readonly docker: Docker;
  readonly plan: ImagePlan;
  readonly logDir: string;
  readonly progress: ProgressListener;
  /** Where a file of a release is. */
  readonly pathInStore: (name: string) => string;
  readonly signal?: AbortSignal;
}

export class Workshop {
  readonly #options: WorkshopOptions;
  readonly #references = new Map<string, Promise<string>>();
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: WorkshopOptions) {
    this.#options = options;
    this.#signal = options.signal
      ? AbortSignal.any([options.signal, this.#failure.signal])
      : this.#failure.signal;
  }

  /** The image's reference, once it is there. */
  reference(name: string): Promise<string> {
    const known = this.#references.get(name);
    if (known) return known;
    const reference = this.#ensure(plannedImage(this.#options.plan, name));
    this.#references.set(name, reference);
    return reference;
  }

  /** Resolves when nothing is under way any more; rejects with what went wrong first. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#references.values());
    this.#signal.throwIfAborted();
  }

  async #ensure(image: PlannedImage): Promise<string> {
    this.#signal.throwIfAborted();
    const { recipe } = image.spec;
    // Debian's own image may have another name than our tag, so its recipe looks for itself.
    if (recipe.kind !== 'debian' && (await imageExists(this.#options.docker, image.tag))) return image.tag;
    await Promise.all(parentsOf(recipe).map((parent) => this.reference(parent)));
    this.#signal.throwIfAborted();
    return this.#make(image);
  }

  async #make(image: PlannedImage): Promise<string> {
    const { name } = image.spec;
    const { progress, logDir } = this.#options;
    const task = `image ${name}`;
    const startedAtMs = performance.now();
    progress.started(task);
    const log = new BuildLog(join(logDir, `image-${name}.log`), (line) => progress.output(task, line));
    try {
      const reference = await this.#follow(image, log);
      progress.finished(task, performance.now() - startedAtMs);
      return reference;
    } catch (thrown) {
      const stopped = this.#signal.aborted;
      const error = stopped ? asError(this.#signal.reason) : new ImageBuildError(name, log, asError(thrown));
      progress.failed(task, performance.now() - startedAtMs, error);
      if (!stopped) this.#failure.abort(error);
      throw error;
    } finally {
      await log.close();
    }
  }

  /** Follows the recipe; all parents are there. */
  async #follow(image: PlannedImage, log: BuildLog): Promise<string> {
    const { docker, pathInStore } = this.#options;
    const { recipe } = image.spec;
    const making = { docker, image, log, signal: this.#signal };
    switch (recipe.kind) {
      case 'debian':
        return ensureDebian({ ...making, recipe });
      case 'build':
        await buildImage({ ...making, recipe, parents: await this.#buildArguments(recipe.parents) });
        return image.tag;
      case 'import':
        await importImage({ ...making, recipe, pathInStore });
        return image.tag;
      case 'bake': {
        const containerImages = recipe.containerImages.map(async (one) =>
          'from' in one ? { ...one, from: await this.reference(one.from) } : one,
        );
        await bakeImage({
          ...making,
          parent: await this.reference(recipe.parent),
          pathInStore,
          containerImages: await Promise.all(containerImages),
        });
        return image.tag;
      }
    }
  }

  async #buildArguments(parents: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const entries = Object.entries(parents).map(
      async ([argument, name]) => [argument, await this.reference(name)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }
}
