// What a Docker Engine that holdfast started leaves in the kernel, and its removal: docker0, Docker's chains and the
// rules that lead to them, the FORWARD policy, IP forwarding. Rules of others are never touched.
import { runLocal } from '../hosts/local.ts';

const FAMILIES = ['iptables', 'ip6tables'] as const;
const FORWARDING = '/proc/sys/net/ipv4/ip_forward';
const BRIDGE = 'docker0';

/** As it was before the engine came. */
export interface KernelState {
  readonly hadBridge: boolean;
  readonly ipForward: string;
  /** Output of iptables-save and ip6tables-save; empty where the tool is absent. */
  readonly rules: Readonly<Record<(typeof FAMILIES)[number], string>>;
}

/** @param prefix words before every command, as `nsenter --net=<path>` */
export async function readKernelState(prefix: readonly string[]): Promise<KernelState> {
  const [iptables, ip6tables] = await Promise.all(FAMILIES.map((family) => saveRules(prefix, family)));
  return {
    hadBridge: await hasBridge(prefix),
    ipForward: (await runLocal([...prefix, 'cat', FORWARDING])).stdout.trim(),
    rules: { iptables: iptables ?? '', ip6tables: ip6tables ?? '' },
  };
}

/** Puts back what the engine changed. Idempotent. */
export async function restoreKernel(before: KernelState, prefix: readonly string[]): Promise<void> {
  for (const family of FAMILIES) {
    const script = undoDockerRules(before.rules[family], await saveRules(prefix, family));
    if (script !== '')
      await runLocal([...prefix, `${family}-restore`, '--noflush', '--wait', '10'], { stdin: script });
  }
  if (!before.hadBridge && (await hasBridge(prefix)))
    await runLocal([...prefix, 'ip', 'link', 'delete', BRIDGE]);
  await runLocal([...prefix, 'tee', FORWARDING], { stdin: `${before.ipForward}\n` });
}

async function saveRules(prefix: readonly string[], family: string): Promise<string> {
  try {
    return (await runLocal([...prefix, `${family}-save`])).stdout;
  } catch {
    return '';
  }
}

async function hasBridge(prefix: readonly string[]): Promise<boolean> {
  const argv = [...prefix, 'ip', 'link', 'show', 'dev', BRIDGE];
  return (await runLocal(argv, { acceptExitCodes: [0, 1] })).exitCode === 0;
}

interface Table {
  /** Chain to policy; "-" for chains that are not built in. */
  readonly policies: Map<string, string>;
  readonly rules: string[];
}

/**
 * From two outputs of iptables-save, the input of iptables-restore --noflush that takes Docker's part back out; empty
 * when there is none. Chains that were there before stay, and so does a DOCKER-USER in which somebody has put rules.
 */
export function undoDockerRules(before: string, after: string): string {
  const formerTables = parseSave(before);
  const scripts: string[] = [];
  for (const [name, table] of parseSave(after)) {
    const lines = undoTable(formerTables.get(name), table);
    if (lines.length > 0) scripts.push([`*${name}`, ...lines, 'COMMIT', ''].join('\n'));
  }
  return scripts.join('');
}

function undoTable(former: Table | undefined, table: Table): readonly string[] {
  const chains = [...table.policies.keys()].filter(
    (chain) => isDockerChain(chain) && !former?.policies.has(chain) && !holdsForeignRules(chain, table),
  );
  const rules = table.rules.filter((rule) => isDockerRule(rule, chains) && !former?.rules.includes(rule));
  const policies = [...table.policies].filter(([chain, policy]) => {
    const formerPolicy = former?.policies.get(chain) ?? 'ACCEPT';
    return chain === 'FORWARD' && policy !== '-' && policy !== formerPolicy;
  });
  return [
    ...policies.map(([chain]) => `:${chain} ${former?.policies.get(chain) ?? 'ACCEPT'} [0:0]`),
    ...rules.map((rule) => rule.replace(/^-A /, '-D ')),
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
  ];
}

function isDockerChain(chain: string): boolean {
  return /^DOCKER(-|$)/.test(chain);
}

function holdsForeignRules(chain: string, table: Table): boolean {
  const ownRule = `-A ${chain} -j RETURN`;
  return (
    chain === 'DOCKER-USER' && table.rules.some((rule) => rule.startsWith(`-A ${chain} `) && rule !== ownRule)
  );
}

/** Outside Docker's chains: a jump into one that goes, or a rule about the bridge. */
function isDockerRule(rule: string, leavingChains: readonly string[]): boolean {
  const chain = rule.split(' ')[1] ?? '';
  if (isDockerChain(chain)) return false;
  const target = /(?:^| )-j (\S+)/.exec(rule)?.[1] ?? '';
  return leavingChains.includes(target) || new RegExp(`-[io] ${BRIDGE}( |$)`).test(rule);
}

function parseSave(text: string): Map<string, Table> {
  const tables = new Map<string, Table>();
  let table: Table = { policies: new Map(), rules: [] };
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      table = { policies: new Map(), rules: [] };
      tables.set(line.slice(1), table);
    } else if (line.startsWith(':')) {
      const [chain = '', policy = ''] = line.slice(1).split(' ');
      table.policies.set(chain, policy);
    } else if (line.startsWith('-A ')) {
      table.rules.push(line);
    }
  }
  return tables;
}
