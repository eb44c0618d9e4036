// One row of the seed's chapter 3: what it says, where, what holdfast does for it, and why where that is not the same.

/** Hosts in the order of the topology. The seed does on master1 what it then has done "in the same order" on the others. */
export type HostSet =
  'every host' | 'first master' | 'other masters' | 'masters' | 'nodes' | 'etcd hosts' | 'first etcd host';

/**
 * as-written: the seed's words with this cluster's names. mended: with an error of the seed put right. replaced: something else
 * that does the same. alternative: the way that was not chosen. repair: only where its error shows. not-run: never, with the
 * reason. added: the seed takes it for granted.
 */
export type Fate = 'as-written' | 'mended' | 'replaced' | 'alternative' | 'repair' | 'not-run' | 'added';

/** The choices that the seed leaves; the first of each is what holdfast does unless told otherwise. */
export const CHOICES = {
  /** It recommends rpms brought along. */
  packages: ['rpms', 'repositories'],
  /** Of etcd and keepalived it has no rpm: they come from the distribution, unless the bundle has them. */
  etcd: ['repository', 'rpm'],
  keepalived: ['repository', 'rpm'],
  /** It recommends ifconfig. */
  vip: ['ifconfig', 'ip'],
  dns: ['deployment', 'daemonset'],
} as const;
export type Choices = { readonly [K in keyof typeof CHOICES]: (typeof CHOICES)[K][number] };

export type Deed = CommandDeed | WriteDeed | EditDeed | BringDeed | HandOverDeed;

/** Shell for bash, with placeholders in double braces; what it prints is compared with `expect`. */
export interface CommandDeed {
  readonly kind: 'command';
  readonly command: string;
  /** It is done already where this ends with 0. */
  readonly unless?: string;
  /** A regular expression, with placeholders too, that its output has to match. */
  readonly expect?: string;
  /** It is asked again until that shows. */
  readonly repeated?: true;
  readonly acceptExitCodes?: readonly number[];
  readonly timeoutS?: number;
  /** Once for each of these hosts, which is then {{each}}; all on the row's host. */
  readonly forEach?: HostSet;
  /** Where its output is kept on its host: the seed says to note the token that is in it. */
  readonly keepIn?: string;
}

export interface WriteDeed {
  readonly kind: 'write';
  readonly path: string;
  /** A text of files.ts. */
  readonly file: SeedFile;
}
export type SeedFile = 'etcd.conf' | 'keepalived.conf' | 'keepalived-syslog.conf' | 'logapi.yaml';

/** What an editor is opened for; a file that is as it should be is left alone. */
export interface EditDeed {
  readonly kind: 'edit';
  readonly path: string;
  /** A function of edits.ts. */
  readonly edit: SeedEdit;
}
export type SeedEdit =
  'cluster-dns' | 'leader-elect' | 'keepalived-options' | 'kube-dns-on-masters' | 'kube-dns-as-daemonset';

/** Files of the bundle, from the administrator's machine. */
export interface BringDeed {
  readonly kind: 'bring';
  readonly from: BundleFile;
  /** A folder. */
  readonly to: string;
}
export type BundleFile = 'rpms' | 'docker' | 'docker-selinux' | 'images' | 'network' | 'etcd' | 'keepalived';

/** A file of the first master's, carried to the row's host. */
export interface HandOverDeed {
  readonly kind: 'hand-over';
  readonly path: string;
}

export interface Row {
  readonly id: string;
  /** Its number, or its title where it has none. */
  readonly chapter: string;
  /** The seed's words, to the letter; none where it takes the row for granted. */
  readonly seed: readonly string[];
  readonly on: HostSet;
  readonly fate: Fate;
  /** Of two ways this one is gone only then. */
  readonly when?: Partial<Choices>;
  readonly recommended?: true;
  readonly deeds: readonly Deed[];
  /** In words: what is other than in the seed and why, or what is worth knowing. */
  readonly note?: string;
  /** What is wrong with the seed here; kept or mended as `fate` says. */
  readonly finding?: string;
}

export function command(text: string, more: Omit<CommandDeed, 'kind' | 'command'> = {}): CommandDeed {
  return { kind: 'command', command: text, ...more };
}
