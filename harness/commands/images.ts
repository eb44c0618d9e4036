// holdfast images: the images that hosts are made from. Building installs and starts an engine where none answers.
import type { Command } from 'commander';
import type Docker from 'dockerode';
import { listImages, removeImages, type ImageListing, type RemovedImages } from '../artifacts/index.ts';
import { EnvironmentError } from '../core/errors.ts';
import { ENGINE_HINT, findEngine } from '../providers/engine.ts';
import { imageLogFolder, interruptible, prepareImages, withEngine } from './environment.ts';
import { addProfileFlags, profileFrom, type ProfileFlags } from './profile-flags.ts';
import { Progress } from './progress.ts';

const BYTES_PER_MB = 1e6;

interface JsonFlag {
  readonly json?: true;
}

export function registerImages(program: Command): void {
  const images = program.command('images').description('the images that hosts are made from');
  addProfileFlags(images.command('build'))
    .description('build what is missing; a second build does nothing')
    .option('--json', 'as JSON: {"host": tag, "observer": tag}')
    .addHelpText(
      'after',
      `\nExamples:\n  holdfast images build\n\nThe full log of each build is kept in ${imageLogFolder()}.`,
    )
    .action(build);
  images
    .command('list')
    .description('the images of holdfast in the Docker Engine')
    .option('--json', 'as JSON: {"images": [{name, tag, id, sizeBytes, createdAt}]}')
    .addHelpText('after', '\nExamples:\n  holdfast images list')
    .action(async ({ json }: JsonFlag) => {
      const found = await listImages(await engineThatRuns());
      print(json, { images: found }, renderListing(found));
    });
  images
    .command('remove')
    .description('remove them all; those that a container uses are kept and named')
    .option('--json', 'as JSON: {removed, freedBytes, kept: [{image, reason}]}')
    .addHelpText('after', '\nExamples:\n  holdfast down && holdfast images remove')
    .action(async ({ json }: JsonFlag) => {
      const outcome = await removeImages(await engineThatRuns());
      print(json, outcome, renderRemoval(outcome));
    });
}

async function build(flags: JsonFlag & ProfileFlags): Promise<void> {
  const { json, mirror } = flags;
  const wanted = profileFrom(flags);
  const progress = new Progress({ plain: json === true });
  const images = await interruptible(progress, (signal) =>
    withEngine(() => prepareImages(wanted, (title, work) => progress.phase(title, work), signal, { mirror })),
  );
  print(json, images, `host ${images.host}\nobserver ${images.observer}`);
}

async function engineThatRuns(): Promise<Docker> {
  const docker = await findEngine();
  if (!docker) throw new EnvironmentError('no Docker Engine answers', { hint: ENGINE_HINT });
  return docker;
}

function print(json: true | undefined, value: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
}

export function renderListing(images: readonly ImageListing[]): string {
  if (images.length === 0) return 'no images';
  const rows = images.map(({ tag, id, sizeBytes, createdAt }) => ({
    reference: tag ?? id.slice(0, 19),
    size: megabytes(sizeBytes),
    createdAt: createdAt.toISOString().slice(0, 16),
  }));
  const width = Math.max(...rows.map((row) => row.reference.length));
  return rows
    .map(({ reference, size, createdAt }) => `${reference.padEnd(width)}  ${size.padStart(9)}  ${createdAt}`)
    .join('\n');
}

function renderRemoval({ removed, freedBytes, kept }: RemovedImages): string {
  const lines = [
    ...removed.map((image) => `removed ${image}`),
    ...kept.map(({ image, reason }) => `kept ${image}: ${reason}`),
  ];
  return lines.length === 0 ? 'no images to remove' : [...lines, `${megabytes(freedBytes)} freed`].join('\n');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / BYTES_PER_MB)} MB`;
}
