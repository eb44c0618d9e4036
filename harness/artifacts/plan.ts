// From the catalogue to tags: an image is named by the hash of all that goes into it, its parents included.
import { createHash } from 'node:crypto';
import { parentsOf, type ImageSpec } from './catalogue.ts';
import { contextFolder, readContext, type ContextFile } from './context.ts';

export interface PlannedImage {
  readonly spec: ImageSpec;
  /** holdfast/<name>:<first 12 hex digits of the content hash> */
  readonly tag: string;
  readonly files: readonly ContextFile[];
}

export type ImagePlan = ReadonlyMap<string, PlannedImage>;

/** @throws Error on a parent that no spec has, and on a circle */
export async function planImages(specs: readonly ImageSpec[]): Promise<ImagePlan> {
  const contexts = new Map<string, readonly ContextFile[]>();
  for (const { recipe } of specs) {
    if (recipe.kind !== 'build' || contexts.has(recipe.context)) continue;
    contexts.set(recipe.context, await readContext(contextFolder(recipe.context)));
  }
  return planFrom(specs, (context) => contexts.get(context) ?? []);
}

export function planFrom(
  specs: readonly ImageSpec[],
  filesOf: (context: string) => readonly ContextFile[],
): ImagePlan {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const plan = new Map<string, PlannedImage>();

  const planOne = (name: string, children: readonly string[]): PlannedImage => {
    const planned = plan.get(name);
    if (planned) return planned;
    const spec = byName.get(name);
    if (!spec) throw new Error(`image ${children.at(-1) ?? '?'} is made from "${name}", which no spec has`);
    if (children.includes(name)) throw new Error(`images in a circle: ${[...children, name].join(' ← ')}`);
    const parents = parentsOf(spec.recipe).map((parent) => planOne(parent, [...children, name]));
    const files = spec.recipe.kind === 'build' ? filesOf(spec.recipe.context) : [];
    const hash = contentHash(
      spec,
      files,
      parents.map((parent) => parent.tag),
    );
    const image = { spec, files, tag: `holdfast/${name}:${hash.slice(0, 12)}` };
    plan.set(name, image);
    return image;
  };

  for (const spec of specs) planOne(spec.name, []);
  return plan;
}

function contentHash(spec: ImageSpec, files: readonly ContextFile[], parentTags: readonly string[]): string {
  const hash = createHash('sha256');
  const digests = files.map((file) => [
    file.path,
    file.mode,
    createHash('sha256').update(file.content).digest('hex'),
  ]);
  return hash.update(JSON.stringify([spec, digests, parentTags])).digest('hex');
}

/** @throws Error when the catalogue has no such image */
export function plannedImage(plan: ImagePlan, name: string): PlannedImage {
  const image = plan.get(name);
  if (!image) throw new Error(`no image "${name}" in the catalogue`);
  return image;
}
