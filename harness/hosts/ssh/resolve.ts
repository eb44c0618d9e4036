// How a host is reached in the end: what the topology says, before what an ssh_config(5) says, before OpenSSH's defaults.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import SSHConfig from 'ssh-config';
import { asError, UsageError } from '../../core/errors.ts';
import type { SshSettings } from '../../core/topology.ts';
import type { SshTarget } from './target.ts';

/** Of this machine and its user; told from outside, so that a test has its own. */
export interface SshSurroundings {
  readonly home: string;
  readonly user: string;
  readonly environment: NodeJS.ProcessEnv;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const JUMPS_MAX = 8;

export class SshResolver {
  readonly #config: SSHConfig;
  readonly #surroundings: SshSurroundings;
  /** Paths in the ssh_config are relative to it, where vagrant writes them so. */
  readonly #folder: string;

  /**
   * @param path of an ssh_config; absent: ~/.ssh/config, if there is one
   * @throws UsageError when a named file cannot be read
   */
  constructor(surroundings: SshSurroundings, path?: string) {
    this.#surroundings = surroundings;
    const own = join(surroundings.home, '.ssh/config');
    const file = path ?? (existsSync(own) ? own : undefined);
    this.#folder = file === undefined ? process.cwd() : dirname(resolve(file));
    this.#config = SSHConfig.parse(file === undefined ? '' : readConfig(file));
  }

  /** @param address where it is found when nobody says otherwise */
  target(name: string, address: string, settings: SshSettings = {}): SshTarget {
    return this.#target(name, address, settings, 0);
  }

  #target(name: string, address: string, settings: SshSettings, depth: number): SshTarget {
    if (depth > JUMPS_MAX) throw new UsageError(`the jump hosts of ${name} lead in a circle`);
    const known = settings.alias ?? name;
    const said = this.#said(known);
    const host = settings.host ?? said.one('hostname')?.replaceAll('%h', known) ?? address;
    const jump = this.#jump(settings.jump ?? said.one('proxyjump'), depth);
    const proxyCommand = settings.proxyCommand ?? said.one('proxycommand');
    const agent = this.#agent(said.one('identityagent'));
    const alias = said.one('hostkeyalias');
    return {
      name,
      host,
      port: settings.port ?? Number(said.one('port') ?? 22),
      user: settings.user ?? said.one('user') ?? this.#surroundings.user,
      identityFiles: this.#identityFiles(settings, said.all('identityfile')),
      ...(agent !== undefined && said.one('identitiesonly') !== 'yes' && { agent }),
      ...(settings.passwordFrom !== undefined && { passwordFrom: settings.passwordFrom }),
      sudo: settings.sudo ?? false,
      hostKeys: {
        files: this.#knownHosts(settings, said.one('userknownhostsfile')),
        ...(alias !== undefined && { alias }),
        unchecked: ['no', 'off'].includes(said.one('stricthostkeychecking') ?? 'ask'),
      },
      ...(jump && { jump }),
      ...(!jump && proxyCommand !== undefined && proxyCommand !== 'none' && { proxyCommand }),
    };
  }

  #said(name: string): Said {
    // Nothing is run for the sake of reading: a "Match exec" does not match.
    const options = { ignoreCase: true, matchExec: false };
    const values: Readonly<Record<string, string | readonly string[]>> = this.#config.compute(
      { Host: name },
      options,
    );
    const all = (key: string): readonly string[] => [values[key] ?? []].flat();
    return { all, one: (key) => all(key)[0] };
  }

  /** "user@bastion:2222,inner": the last is the one next to the host. Each may be a name of the ssh_config. */
  #jump(text: string | undefined, depth: number): SshTarget | undefined {
    if (text === undefined || text === 'none') return undefined;
    const hops = text.split(',');
    const [, user, host = '', port] = /^(?:([^@]+)@)?([^:]+)(?::(\d+))?$/.exec(hops.at(-1) ?? '') ?? [];
    if (host === '') throw new UsageError(`"${text}" is no jump host: expected [user@]host[:port]`);
    const before = hops.slice(0, -1).join(',');
    return this.#target(
      host,
      host,
      {
        ...(user !== undefined && { user }),
        ...(port !== undefined && { port: Number(port) }),
        ...(before !== '' && { jump: before }),
      },
      depth + 1,
    );
  }

  #identityFiles({ identityFile }: SshSettings, said: readonly string[]): readonly string[] {
    if (identityFile !== undefined) return [this.#path(identityFile)];
    if (said.length > 0) return said.map((path) => this.#path(path));
    return DEFAULT_KEYS.map((name) => join(this.#surroundings.home, '.ssh', name));
  }

  #knownHosts({ knownHosts }: SshSettings, said: string | undefined): readonly string[] {
    if (knownHosts !== undefined) return [this.#path(knownHosts)];
    if (said !== undefined) return said.split(/\s+/).map((path) => this.#path(path));
    return [join(this.#surroundings.home, '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'];
  }

  #agent(said: string | undefined): string | undefined {
    if (said === 'none') return undefined;
    if (said === undefined || said === 'SSH_AUTH_SOCK')
      return this.#surroundings.environment['SSH_AUTH_SOCK'];
    return this.#path(said);
  }

  #path(path: string): string {
    const whole = path.replace(/^~(?=\/)/, this.#surroundings.home).replaceAll('%d', this.#surroundings.home);
    return isAbsolute(whole) ? whole : join(this.#folder, whole);
  }
}

interface Said {
  all(key: string): readonly string[];
  one(key: string): string | undefined;
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new UsageError(`the ssh_config ${path} cannot be read`, { cause: asError(thrown) });
  }
}
