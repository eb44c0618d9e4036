// Writes archives for tests: tar with any header, images as docker save and OCI tools save them, and whole bundles.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { rpmFileName, type BundlePlan } from '../../../profiles/bundle-plan.ts';
import { writeRpm } from './rpm-writer.ts';

export interface EntryToWrite extends Partial<Omit<Header, 'name'>> {
  readonly name: string;
  readonly content?: Buffer | string;
}

export async function tarOf(entries: readonly EntryToWrite[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry(header, content ?? '');
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The files of an image with one layer, as Docker 1.10 to 24 saves it. */
export async function dockerSaveEntries(
  names: readonly string[],
  architecture = 'amd64',
): Promise<EntryToWrite[]> {
  const layer = await tarOf([{ name: 'program', content: names.join() }]);
  const config = JSON.stringify({
    architecture,
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const id = sha256(`id ${names.join()}`);
  const manifest = [{ Config: `${sha256(config)}.json`, RepoTags: names, Layers: [`${id}/layer.tar`] }];
  return [
    { name: `${id}/`, type: 'directory' },
    { name: `${id}/layer.tar`, content: layer },
    { name: `${sha256(config)}.json`, content: config },
    { name: 'manifest.json', content: JSON.stringify(manifest) },
  ];
}

export async function dockerSave(names: readonly string[], architecture?: string): Promise<Buffer> {
  return tarOf(await dockerSaveEntries(names, architecture));
}

export async function ociLayout(name: string): Promise<Buffer> {
  const layer = gzipSync(await tarOf([{ name: 'program', content: name }]));
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux' });
  const described = (content: Buffer | string): { digest: string } => ({
    digest: `sha256:${sha256(content)}`,
  });
  const manifest = JSON.stringify({ config: described(config), layers: [described(layer)] });
  const list = JSON.stringify({
    manifests: [{ ...described(manifest), platform: { architecture: 'amd64', os: 'linux' } }],
  });
  const index = {
    manifests: [
      {
        ...described(list),
        mediaType: 'application/vnd.oci.image.index.v1+json',
        annotations: { 'io.containerd.image.name': name },
      },
    ],
  };
  const blobs = [layer, config, manifest, list].map((content) => ({
    name: `blobs/sha256/${sha256(content)}`,
    content,
  }));
  return tarOf([...blobs, { name: 'index.json', content: JSON.stringify(index) }]);
}

/** Path in the bundle → content; undefined leaves the file out. */
export type BundleChanges = Readonly<Record<string, Buffer | string | undefined>>;

/** A folder with all that the plan asks for, with changes; the caller removes it. */
export async function writeBundle(plan: BundlePlan, changes: BundleChanges = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bundle-'));
  const files = { ...(await filesOf(plan)), ...changes };
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

export async function removeBundle(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function filesOf(plan: BundlePlan): Promise<Record<string, Buffer | string>> {
  const rpms = plannedRpms(plan);
  const files: Record<string, Buffer | string> = {};
  for (const { file, archive, content } of rpms) if (archive === undefined) files[file] = content;
  for (const { file, folder, holds } of plan.archives) {
    const parts =
      holds === 'rpms' ? rpms.filter(({ archive }) => archive === file) : await plannedImages(plan);
    const entries = parts.map((part) => ({ name: `${folder}/${part.file}`, content: part.content }));
    files[file] = gzipSync(await tarOf([{ name: `${folder}/`, type: 'directory' }, ...entries]));
  }
  files['network/weave.yaml'] =
    'kind: DaemonSet\nspec: { template: { spec: { containers: [{ image: "weaveworks/weave-kube:1.8.2" }] } } }\n';
  files['network/weave-kube.tar'] = await dockerSave(['weaveworks/weave-kube:1.8.2']);
  return files;
}

interface Part {
  readonly file: string;
  readonly content: Buffer;
}

export function plannedRpms(plan: BundlePlan): (Part & { readonly archive: string | undefined })[] {
  return plan.rpms.flatMap((rpm) => {
    const file = rpmFileName(rpm, plan.architecture.rpm);
    if (file === undefined) return [];
    const { name, version = '', release = '' } = rpm;
    const content = writeRpm({ name, version, release, architecture: plan.architecture.rpm });
    return [{ file, archive: rpm.archive, content }];
  });
}

export async function plannedImages(plan: BundlePlan): Promise<Part[]> {
  return Promise.all(
    plan.images.map(async ({ file, repository, tag }) => ({
      file,
      content: await dockerSave([`${repository}:${tag}`]),
    })),
  );
}
