// What of the plan a bundle lacks, and what in it is something else than the plan says. Pure.
import {
  rpmFileName,
  type BundlePlan,
  type PlannedContainerImage,
  type PlannedRpm,
} from '../../profiles/bundle-plan.ts';
import type { BundleContents, FoundRpm } from './contents.ts';
import { fullImageName } from './network-manifest.ts';

export type FindingKind = 'missing' | 'wrong' | 'note';

export interface BundleFinding {
  readonly kind: FindingKind;
  /** File, package or image. */
  readonly item: string;
  readonly text: string;
  /** What it is for; absent where nobody needs it. */
  readonly purpose?: string;
  /** Chapter of the design document that asks for it. */
  readonly chapter?: string;
}

export function compareWithPlan(contents: BundleContents, plan: BundlePlan): BundleFinding[] {
  return [
    ...plan.rpms.flatMap((rpm) => rpmFindings(rpm, contents, plan)),
    ...plan.images.flatMap((image) => imageFindings(image, contents, plan)),
    ...networkFindings(contents, plan),
    ...contents.rpms.filter(({ rpm }) => !plan.rpms.some(({ name }) => name === rpm.name)).map(unplannedRpm),
    ...contents.others.map((item): BundleFinding => ({
      kind: 'note',
      item,
      text: 'is of no use to the installation',
    })),
  ];
}

function rpmFindings(planned: PlannedRpm, { rpms }: BundleContents, plan: BundlePlan): BundleFinding[] {
  const { purpose, chapter } = planned;
  const expected = rpmFileName(planned, plan.architecture.rpm);
  const found = rpms.filter(({ rpm }) => rpm.name === planned.name);
  const impostors = rpms.filter(({ file, rpm }) => file === expected && rpm.name !== planned.name);
  const findings: BundleFinding[] = impostors.map(({ where, rpm }) => ({
    kind: 'wrong',
    item: where,
    text: `holds the package ${rpm.name}, expected ${planned.name}`,
    purpose,
    chapter,
  }));
  if (found.length === 0) {
    const place = planned.archive === undefined ? '' : ` in ${planned.archive}`;
    const text = `${expected ?? `a package ${planned.name}`} is not there${place}`;
    findings.push({
      kind: planned.required ? 'missing' : 'note',
      item: planned.name,
      text,
      purpose,
      chapter,
    });
  }
  if (found.length > 1) {
    const text = `is there ${found.length} times: ${found.map(({ where }) => where).join(', ')}; expected once`;
    findings.push({ kind: 'wrong', item: planned.name, text, purpose, chapter });
  }
  return [...findings, ...found.flatMap((one) => deviations(one, planned, plan.architecture.rpm))];
}

function deviations(
  { where, file, rpm }: FoundRpm,
  planned: PlannedRpm,
  architecture: string,
): BundleFinding[] {
  const wrong = (text: string): BundleFinding => ({
    kind: 'wrong',
    item: where,
    text,
    purpose: planned.purpose,
    chapter: planned.chapter,
  });
  const texts: string[] = [];
  const { version, release } = planned;
  const isOtherVersion = version !== undefined && (rpm.version !== version || rpm.release !== release);
  if (isOtherVersion) {
    texts.push(`is ${rpm.name} ${rpm.version}-${rpm.release}, expected ${version}-${release ?? ''}`);
  }
  if (rpm.architecture !== architecture && rpm.architecture !== 'noarch') {
    texts.push(`is built for ${rpm.architecture}, expected ${architecture}`);
  }
  const ownName = `${rpm.name}-${rpm.version}-${rpm.release}.${rpm.architecture}.rpm`;
  if (texts.length === 0 && file !== ownName) texts.push(`is wrongly named: its header says ${ownName}`);
  return texts.map(wrong);
}

function unplannedRpm({ where, rpm }: FoundRpm): BundleFinding {
  return {
    kind: 'note',
    item: where,
    text: `holds ${rpm.name}, which the plan does not name; it is installed with the others`,
  };
}

function imageFindings(
  planned: PlannedContainerImage,
  { images }: BundleContents,
  plan: BundlePlan,
): BundleFinding[] {
  const { file, purpose, chapter } = planned;
  const reference = `${planned.repository}:${planned.tag}`;
  const own = images.filter((one) => one.file === file);
  const finding = (kind: FindingKind, item: string, text: string): BundleFinding => ({
    kind,
    item,
    text,
    purpose,
    chapter,
  });
  if (own.length === 0) {
    const elsewhere = images.find(({ archive }) => archive.images.some(({ names }) => has(names, reference)));
    if (elsewhere) return [finding('wrong', elsewhere.where, `holds ${reference}; expected it in ${file}`)];
    return [finding('missing', file, `with the image ${reference} is not there`)];
  }
  if (own.length > 1) {
    return [
      finding(
        'wrong',
        file,
        `is there ${own.length} times: ${own.map(({ where }) => where).join(', ')}; expected once`,
      ),
    ];
  }
  return own.flatMap(({ where, archive }) => {
    const image = archive.images.find(({ names }) => has(names, reference));
    if (!image) {
      const names = archive.images.flatMap((one) => one.names).join(', ') || 'an image without a name';
      return [finding('wrong', where, `holds ${names}, expected ${reference}`)];
    }
    const { architecture = plan.architecture.image } = image;
    if (architecture === plan.architecture.image) return [];
    return [finding('wrong', where, `is built for ${architecture}, expected ${plan.architecture.image}`)];
  });
}

function networkFindings({ manifests, images }: BundleContents, { network }: BundlePlan): BundleFinding[] {
  const { purpose, chapter } = network;
  if (manifests.length === 0) {
    const item = `${network.folder}/`;
    return [
      { kind: 'missing', item, text: 'holds no manifest of a network (a .yaml file)', purpose, chapter },
    ];
  }
  const present = new Set(
    images.flatMap(({ archive }) => archive.images.flatMap(({ names }) => names.map(fullImageName))),
  );
  return manifests.flatMap((manifest) =>
    manifest.images
      .filter((name) => !present.has(name))
      .map((name): BundleFinding => {
        const text = `is named by ${manifest.where} and in no archive under ${network.folder}/`;
        return { kind: 'missing', item: name, text, purpose, chapter };
      }),
  );
}

function has(names: readonly string[], reference: string): boolean {
  return names.some((name) => fullImageName(name) === fullImageName(reference));
}
