// One Dockerfile to one tagged image, through the engine's own builder.
import type Docker from 'dockerode';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { BuildLog } from './build-log.ts';
import type { BuildRecipe } from './catalogue.ts';
import { contextFolder, packContext, type ContextFile } from './context.ts';
import { followEngine, imageLabels } from './engine.ts';
import type { PlannedImage } from './plan.ts';

export interface BuildImageOptions {
  readonly docker: Docker;
  readonly image: PlannedImage;
  readonly recipe: BuildRecipe;
  /** Build argument → reference of the image it stands for. */
  readonly parents: Readonly<Record<string, string>>;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

export async function buildImage(options: BuildImageOptions): Promise<void> {
  const { docker, image, recipe, log, signal } = options;
  const context = await packContext(await contextFiles(recipe, image.files));
  const answer = await docker.buildImage(Readable.from([context]), {
    t: image.tag,
    labels: imageLabels(image.spec.name),
    buildargs: { ...options.parents, ...recipe.args },
    // apt needs the machine's own way out; the bridge's does not work everywhere.
    networkmode: 'host',
    rm: true,
    forcerm: true,
    abortSignal: signal,
  });
  await followEngine(answer, (text) => log.write(text));
}

async function contextFiles(
  recipe: BuildRecipe,
  files: readonly ContextFile[],
): Promise<readonly ContextFile[]> {
  if (!recipe.bundle) return files;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(contextFolder(recipe.context), recipe.bundle.entry)],
    bundle: true,
    platform: 'node',
    // Debian 12's.
    target: 'node18',
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  const [output] = outputFiles;
  if (!output) throw new Error(`bundling ${recipe.bundle.entry} gave no output`);
  return [...files, { path: recipe.bundle.output, mode: 0o644, content: Buffer.from(output.contents) }];
}
