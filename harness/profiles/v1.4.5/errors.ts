// The three errors of which the seed tells, known by what the programs really print, and the rows that repair them.

export interface SeedError {
  /** The row that repairs it. */
  readonly repair: string;
  /** The row whose command says it. */
  readonly during: string;
  readonly message: RegExp;
  /** In words, for the log. */
  readonly what: string;
  /** Hosts with this role are not repaired so. */
  readonly notOn?: 'etcd';
  /** The program goes on trying: it may say so a few times more after the repair. */
  readonly goesOn?: true;
}

export const SEED_ERRORS: readonly SeedError[] = [
  {
    repair: 'repair-kubernetes-not-empty',
    during: 'init',
    message: /\/etc\/kubernetes is not empty/,
    what: '/etc/kubernetes is not empty',
  },
  {
    repair: 'repair-etcd-not-empty',
    during: 'init',
    message: /\/var\/lib\/etcd is not empty/,
    what: '/var/lib/etcd is not empty',
    notOn: 'etcd',
  },
  {
    repair: 'repair-port-in-use',
    during: 'init',
    message: /Port 2379 is in use/,
    what: 'Port 2379 is in use',
  },
  {
    repair: 'repair-no-route',
    during: 'join',
    message: /failed to request cluster info.*: no route to host/,
    what: 'the discovery service answers "no route to host"',
    goesOn: true,
  },
];

/** Of what a row's command printed; a line of it will do. */
export function recognized(during: string, output: string): readonly SeedError[] {
  return SEED_ERRORS.filter((error) => error.during === during && error.message.test(output));
}

/** @returns the token that kubeadm init printed: of the line that it asks to be run on the nodes */
export function tokenIn(output: string): string | undefined {
  return /^kubeadm join --token=([0-9a-f]{6}\.[0-9a-f]{16}) /m.exec(output)?.[1];
}
