// Reads a keepalived.conf as keepalived 2 does, as far as VRRP goes: instances with their scripts and defaults.
import { UsageError } from '../core/errors.ts';
import type { TrackScript, VrrpInstance } from '../core/record.ts';
import { parseBlocks, type ConfNode } from './keepalived-syntax.ts';

/** keepalived's own defaults (keepalived.conf(5)). A script without a timeout may run for its whole interval. */
const DEFAULTS = {
  priority: 100,
  advertIntervalS: 1,
  garpMasterRefreshS: 0,
  intervalS: 1,
  weight: 0,
  fall: 1,
  rise: 1,
} as const;

export interface ConfSource {
  /** The host it was read from. */
  readonly host: string;
  /** That host's address: VRRP breaks ties by it. */
  readonly address: string;
  /** What errors call the text. */
  readonly file: string;
}

/**
 * Every vrrp_instance of a keepalived.conf, with the scripts it tracks.
 * @throws UsageError "<file>:<line>: expected …, found …"
 */
export function parseKeepalivedConf(text: string, source: ConfSource): VrrpInstance[] {
  const reader = new ConfReader(source.file);
  const nodes = parseBlocks(text, source.file);
  const globals = nodes.filter(({ keyword }) => keyword === 'global_defs');
  const version = reader.version(globals);
  const refreshS = globals.flatMap((node) => reader.refreshS(node, 'vrrp_garp_master_refresh') ?? []).at(-1);
  const scripts = new Map<string, TrackScript>();
  for (const node of nodes.filter(({ keyword }) => keyword === 'vrrp_script')) {
    scripts.set(reader.word(node), reader.script(node));
  }
  return nodes
    .filter(({ keyword }) => keyword === 'vrrp_instance')
    .map((node) => ({
      host: source.host,
      address: source.address,
      name: reader.word(node),
      state: reader.state(node),
      virtualRouterId: reader.virtualRouterId(node),
      priority: reader.priority(node),
      advertIntervalS: reader.seconds(node, 'advert_int') ?? DEFAULTS.advertIntervalS,
      preempt: !node.children.some(({ keyword }) => keyword === 'nopreempt'),
      garpMasterRefreshS:
        reader.refreshS(node, 'garp_master_refresh') ?? refreshS ?? DEFAULTS.garpMasterRefreshS,
      trackScripts: reader.trackScripts(node, scripts),
      virtualAddresses: reader.block(node, 'virtual_ipaddress').map(({ keyword }) => keyword),
      version: reader.instanceVersion(node) ?? version ?? 2,
    }));
}

/** Typed access to the nodes of one file; every complaint names the file and the line. */
class ConfReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  script(node: ConfNode): TrackScript {
    const intervalS = this.seconds(node, 'interval') ?? DEFAULTS.intervalS;
    const command = this.#last(node, 'script');
    if (!command) throw this.#error(node.line, 'expected a script in this vrrp_script, found none');
    return {
      name: this.word(node),
      command: command.words.join(' '),
      intervalS,
      timeoutS: this.seconds(node, 'timeout') ?? intervalS,
      weight: this.#integer(this.#last(node, 'weight'), -253, 253) ?? DEFAULTS.weight,
      fall: this.#integer(this.#last(node, 'fall'), 1, Infinity) ?? DEFAULTS.fall,
      rise: this.#integer(this.#last(node, 'rise'), 1, Infinity) ?? DEFAULTS.rise,
    };
  }

  /** The scripts that an instance names, each with its own weight there if it gives one. */
  trackScripts(node: ConfNode, scripts: ReadonlyMap<string, TrackScript>): TrackScript[] {
    return this.block(node, 'track_script').map((tracked) => {
      const script = scripts.get(tracked.keyword);
      if (!script) {
        const known = [...scripts.keys()].join(', ') || 'none is defined';
        throw this.#error(tracked.line, `expected a vrrp_script (${known}), found ${tracked.keyword}`);
      }
      const [option, value] = tracked.words;
      if (option !== 'weight') return script;
      const weight = this.#integer({ ...tracked, keyword: 'weight', words: [value ?? ''] }, -253, 253);
      return { ...script, weight: weight ?? script.weight };
    });
  }

  state(node: ConfNode): 'MASTER' | 'BACKUP' {
    const setting = this.#last(node, 'state');
    const state = setting === undefined ? 'BACKUP' : this.word(setting);
    if (state === 'MASTER' || state === 'BACKUP') return state;
    throw this.#error(setting?.line ?? node.line, `expected state MASTER or BACKUP, found ${state}`);
  }

  virtualRouterId(node: ConfNode): number {
    const id = this.#integer(this.#last(node, 'virtual_router_id'), 1, 255);
    if (id === undefined) throw this.#error(node.line, 'expected a virtual_router_id, found none');
    return id;
  }

  priority(node: ConfNode): number {
    return this.#integer(this.#last(node, 'priority'), 1, 255) ?? DEFAULTS.priority;
  }

  version(globals: readonly ConfNode[]): 2 | 3 | undefined {
    return globals.map((node) => this.#protocol(this.#last(node, 'vrrp_version'))).findLast(Boolean);
  }

  instanceVersion(node: ConfNode): 2 | 3 | undefined {
    return this.#protocol(this.#last(node, 'version'));
  }

  /** Whole seconds; 0 is never. */
  refreshS(node: ConfNode, keyword: string): number | undefined {
    return this.#integer(this.#last(node, keyword), 0, Infinity);
  }

  /** A positive number of seconds, fractions allowed. */
  seconds(node: ConfNode, keyword: string): number | undefined {
    const setting = this.#last(node, keyword);
    if (!setting) return undefined;
    const value = Number(this.word(setting));
    if (value > 0 && Number.isFinite(value)) return value;
    throw this.#error(setting.line, `expected ${keyword} in seconds above 0, found ${this.word(setting)}`);
  }

  /** What stands in a block of this name, all of them together. */
  block(node: ConfNode, keyword: string): ConfNode[] {
    return node.children.filter((child) => child.keyword === keyword).flatMap(({ children }) => children);
  }

  /** The one word after the keyword. */
  word(node: ConfNode): string {
    const [word] = node.words;
    if (word === undefined) {
      throw this.#error(node.line, `expected a value after ${node.keyword}, found the end of the line`);
    }
    return word;
  }

  /** keepalived lets a later setting win over an earlier one. */
  #last(node: ConfNode, keyword: string): ConfNode | undefined {
    return node.children.findLast((child) => child.keyword === keyword);
  }

  #protocol(setting: ConfNode | undefined): 2 | 3 | undefined {
    const version = this.#integer(setting, 2, 3);
    return version === 2 || version === 3 ? version : undefined;
  }

  #integer(setting: ConfNode | undefined, least: number, most: number): number | undefined {
    if (!setting) return undefined;
    const word = this.word(setting);
    const value = Number(word);
    if (/^[-+]?\d+$/.test(word) && value >= least && value <= most) return value;
    const range = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`;
    throw this.#error(setting.line, `expected ${setting.keyword} as a whole number ${range}, found ${word}`);
  }

  #error(line: number, problem: string): UsageError {
    return new UsageError(`${this.#file}:${line}: ${problem}`);
  }
}
