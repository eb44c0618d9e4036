// What belongs into the bundle of a version whose artefacts a person brings: the shape of that data.

export interface BundlePlan {
  /** The name a user types: "v1.4.5". */
  readonly profile: string;
  /** What runs on the hosts, as Go and rpm call it. */
  readonly architecture: { readonly rpm: string; readonly image: string };
  /** Archives of many files, each also accepted unpacked, as the folder of its name. */
  readonly archives: readonly PlannedArchive[];
  readonly rpms: readonly PlannedRpm[];
  readonly images: readonly PlannedContainerImage[];
  readonly network: PlannedNetwork;
}

interface Planned {
  /** What it is for, as the end of the sentence "it is needed for …". */
  readonly purpose: string;
  /** Chapter of the design document that asks for it. */
  readonly chapter: string;
}

export interface PlannedArchive extends Planned {
  readonly file: string;
  /** Folder that it unpacks to. */
  readonly folder: string;
  readonly holds: 'rpms' | 'images';
}

export interface PlannedRpm extends Planned {
  readonly name: string;
  /** undefined: any, where the design document names none. */
  readonly version?: string;
  readonly release?: string;
  /** Archive of which it is a part; undefined for one that lies by itself. */
  readonly archive?: string;
  /** false where the design takes it from a repository: a host without one needs it from the bundle. */
  readonly required: boolean;
}

export interface PlannedContainerImage extends Planned {
  /** Name of the archive in which it is saved. */
  readonly file: string;
  readonly repository: string;
  readonly tag: string;
}

/** The network is the user's choice: any manifest, and every image that it names. */
export interface PlannedNetwork extends Planned {
  readonly folder: string;
}

/** "socat-1.7.2.2-5.el7.x86_64.rpm"; undefined where the plan leaves the version open. */
export function rpmFileName(rpm: PlannedRpm, architecture: string): string | undefined {
  if (rpm.version === undefined || rpm.release === undefined) return undefined;
  return `${rpm.name}-${rpm.version}-${rpm.release}.${architecture}.rpm`;
}
