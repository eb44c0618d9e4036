// holdfast bundle: is what a person brings for v1.4.5 whole, unharmed, and what it says it is?
import type { Command } from 'commander';
import {
  compareWithPlan,
  deviationsFromLock,
  readBundle,
  readLock,
  writeLock,
  type BundleContents,
  type BundleFinding,
} from '../artifacts/bundle/index.ts';
import { EXIT_CODES, UsageError } from '../core/errors.ts';
import { count } from '../core/text.ts';
import { bundlePlanFor, DEFAULT_BUNDLE } from '../profiles/index.ts';
import { interruptible } from './environment.ts';
import { Progress } from './progress.ts';

interface BundleFlags {
  readonly profile: string;
  readonly replace?: true;
  readonly json?: true;
}

/** What `verify` prints as JSON. */
export interface BundleReport {
  readonly profile: string;
  /** Nothing is missing or wrong, and the lock file, if there is one, has the same checksums. */
  readonly sound: boolean;
  readonly findings: readonly BundleFinding[];
  readonly lock: 'none' | 'same' | 'differs';
  readonly deviations: readonly string[];
}

const LAYOUT = `
A bundle is a folder with, for v1.4.5:
  k8s-v1.4.5-rpms.tar.gz                           or the folder k8s-v1.4.5-rpms: five rpms
  docker-engine-1.12.4-1.el7.centos.x86_64.rpm
  kubernates-v1.4.5-images.tar.gz                  or the folder kubernates-v1.4.5-images: eleven image archives
  network/*.yaml, network/*.tar                    the network of your choice, and the images it names

Exit code: 0 when it is sound; 3 when something is missing, wrong, damaged or harmful. Nothing is unpacked or changed.`;

export function registerBundle(program: Command): void {
  const bundle = program.command('bundle').description('the packages and images that you bring for v1.4.5');
  const command = (name: string, description: string, help: string): Command =>
    bundle
      .command(name)
      .description(description)
      .argument('<dir>', "the bundle's folder")
      .option('--profile <name>', 'the version that it is for', DEFAULT_BUNDLE.profile)
      .addHelpText('after', help);
  command(
    'verify',
    'what is missing and what for, what is wrong; checksums against bundle.lock.json',
    `${LAYOUT}\n\nExamples:\n  holdfast bundle verify ~/v1.4.5\n  holdfast bundle verify ~/v1.4.5 --json | jq -r '.findings[] | select(.kind == "missing") | .item'`,
  )
    .option('--json', 'as JSON: {profile, sound, findings, lock, deviations}')
    .action(verify);
  command(
    'lock',
    'write the checksums of a whole bundle to bundle.lock.json',
    '\nExamples:\n  holdfast bundle lock ~/v1.4.5\n  holdfast bundle lock ~/v1.4.5 --replace      after you have changed it on purpose',
  )
    .option('--replace', 'also where a lock file with other checksums is there')
    .option('--json', 'as JSON: {file, files: [{path, sizeBytes, sha256}]}')
    .action(lock);
  command(
    'inspect',
    'all that is in it: packages by their headers, images by their manifests',
    '\nExamples:\n  holdfast bundle inspect ~/v1.4.5\n  holdfast bundle inspect ~/v1.4.5 --json | jq -r ".images[].archive.images[].names[]"',
  )
    .option('--json', 'as JSON: {files, rpms, images, manifests, others}')
    .action(inspect);
}

async function read(folder: string, flags: BundleFlags): Promise<BundleContents> {
  const plan = bundlePlanFor(flags.profile);
  const progress = new Progress({ plain: flags.json === true });
  return interruptible(progress, (signal) =>
    progress.phase('reading the bundle', (listener) =>
      readBundle({ folder, plan, progress: listener, signal }),
    ),
  );
}

async function verify(folder: string, flags: BundleFlags): Promise<void> {
  const plan = bundlePlanFor(flags.profile);
  const lockFile = await readLock(folder);
  const contents = await read(folder, flags);
  const findings = compareWithPlan(contents, plan);
  const deviations = lockFile ? deviationsFromLock(contents.files, lockFile) : [];
  const isComplete = findings.every(({ kind }) => kind === 'note');
  const report: BundleReport = {
    profile: plan.profile,
    sound: isComplete && deviations.length === 0,
    findings,
    lock: lockFile === undefined ? 'none' : deviations.length === 0 ? 'same' : 'differs',
    deviations,
  };
  print(flags, report, renderReport(folder, report));
  if (!report.sound) process.exitCode = EXIT_CODES.usage;
}

async function lock(folder: string, flags: BundleFlags): Promise<void> {
  const plan = bundlePlanFor(flags.profile);
  // One that cannot be read is to be replaced too, if that was said.
  const before = flags.replace ? undefined : await readLock(folder);
  const contents = await read(folder, flags);
  const unsound = compareWithPlan(contents, plan).filter(({ kind }) => kind !== 'note');
  if (unsound.length > 0) {
    throw new UsageError(`${folder}: not locked: ${count(unsound.length, 'thing')} missing or wrong`, {
      hint: `holdfast bundle verify ${folder} says which`,
    });
  }
  const deviations = before ? deviationsFromLock(contents.files, before) : [];
  if (deviations.length > 0) {
    throw new UsageError(
      `${folder}: not locked: its lock file has other checksums: ${deviations.join('; ')}`,
      {
        hint: 'if you have changed the files on purpose: --replace',
      },
    );
  }
  const file = await writeLock(folder, plan.profile, contents.files);
  print(flags, { file, files: contents.files }, `${file}: ${count(contents.files.length, 'file')}`);
}

async function inspect(folder: string, flags: BundleFlags): Promise<void> {
  const contents = await read(folder, flags);
  print(flags, contents, renderContents(contents));
}

function print(flags: BundleFlags, value: unknown, text: string): void {
  process.stdout.write(flags.json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
}

export function renderReport(folder: string, report: BundleReport): string {
  const lines = (['missing', 'wrong', 'note'] as const).flatMap((kind) =>
    report.findings.filter((finding) => finding.kind === kind).map(findingLine),
  );
  const locked = {
    none: `no lock file; holdfast bundle lock ${folder} writes one`,
    same: 'checksums as in bundle.lock.json',
    differs: `checksums differ from bundle.lock.json:\n${report.deviations.map((one) => `  ${one}`).join('\n')}`,
  }[report.lock];
  const unsound = report.findings.filter(({ kind }) => kind !== 'note').length;
  const verdict = report.sound
    ? 'whole'
    : unsound > 0
      ? `${count(unsound, 'thing')} missing or wrong`
      : 'changed';
  return [...lines, locked, `bundle for ${report.profile}: ${verdict}`].join('\n');
}

function findingLine({ kind, item, text, purpose, chapter }: BundleFinding): string {
  const why = purpose === undefined ? '' : `\n         for ${purpose} (chapter ${chapter ?? '?'})`;
  return `${kind.padEnd(7)}  ${item} ${text}${why}`;
}

export function renderContents({ rpms, images, manifests, others }: BundleContents): string {
  return [
    ...rpms.map(
      ({ where, rpm }) =>
        `rpm       ${rpm.name} ${rpm.version}-${rpm.release} ${rpm.architecture}  (${where})`,
    ),
    ...images.flatMap(({ where, archive }) =>
      archive.images.map(({ names, architecture = 'unknown', layers }) => {
        const name = names.join(', ') || 'without a name';
        return `image     ${name} ${architecture}, ${count(layers, 'layer')}, ${archive.format}  (${where})`;
      }),
    ),
    ...manifests.map(({ where, images: named }) => `manifest  ${where}: ${named.join(', ') || 'no image'}`),
    ...others.map((where) => `other     ${where}`),
  ].join('\n');
}
