// Where and as whom a host is reached over SSH, once every file and every default has been read.

export interface SshTarget {
  /** What the host is called in topology and messages. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Paths of private keys, tried in order. */
  readonly identityFiles: readonly string[];
  /** Path of the agent's socket. */
  readonly agent?: string;
  /** Name of the environment variable that holds the password: it is written nowhere. */
  readonly passwordFrom?: string;
  /** Whether commands are run through `sudo -n`. */
  readonly sudo: boolean;
  readonly hostKeys: HostKeyPolicy;
  /** Reached through that host's forwardOut. */
  readonly jump?: SshTarget;
  /** A command whose standard input and output are the connection, as ssh_config(5) has it; %-tokens are filled in. */
  readonly proxyCommand?: string;
}

export interface HostKeyPolicy {
  /** Paths of known_hosts files; those that do not exist know nobody. */
  readonly files: readonly string[];
  /** The name by which the host is looked up there, when it is not that of its address. */
  readonly alias?: string;
  /** `StrictHostKeyChecking no`, as vagrant writes it for machines that it has made itself. */
  readonly unchecked: boolean;
}

/** "admin@10.10.102.91:2222 through gate@bastion" */
export function describeTarget(target: SshTarget): string {
  const through = target.jump ? ` through ${describeTarget(target.jump)}` : '';
  return `${whereOf(target)}${through}`;
}

/** The words with which a person gets there: "ssh -p 2222 -J gate@bastion admin@10.10.102.91" */
export function sshWords(target: SshTarget): readonly string[] {
  const { user, host, port, jump, proxyCommand } = target;
  return [
    'ssh',
    ...(port === 22 ? [] : ['-p', String(port)]),
    ...(jump ? ['-J', jumpsOf(jump).map(whereOf).join(',')] : []),
    ...(proxyCommand === undefined ? [] : ['-o', `ProxyCommand=${proxyCommand}`]),
    `${user}@${host}`,
  ];
}

/** Outermost first, as ssh(1) has them. */
function jumpsOf(target: SshTarget): readonly SshTarget[] {
  return [...(target.jump ? jumpsOf(target.jump) : []), target];
}

function whereOf({ user, host, port }: SshTarget): string {
  return `${user}@${host}${port === 22 ? '' : `:${port}`}`;
}
