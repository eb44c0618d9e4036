// The one firewall rule a lab needs on this machine: what stays on its bridge passes. Docker's rules for internal
// networks drop whatever is not addressed to the subnet, so VRRP's multicast (224.0.0.18) and pod addresses would be
// lost. The rule stands in DOCKER-USER, which is there for this, and carries the run id in its comment.
import { asError, CommandError } from '../core/errors.ts';
import { runLocal } from '../hosts/local.ts';
import { RUN_LABEL } from './labels.ts';

export interface BridgeRule {
  readonly bridge: string;
  readonly runId: string;
}

const CHAIN = 'DOCKER-USER';
/** Waits for the lock that other users of iptables (dockerd, kube-proxy) hold. */
const IPTABLES = ['iptables', '--wait', '10'];

export async function acceptOnBridge(rule: BridgeRule): Promise<void> {
  if (!(await hasChain())) return;
  await runLocal([...IPTABLES, '-I', CHAIN, ...ruleSpec(rule)]);
}

/** The rules of all labs, also of those that are gone. Empty when this machine's Docker keeps no such chain. */
export async function bridgeRules(): Promise<readonly BridgeRule[]> {
  if (!(await hasChain())) return [];
  const { stdout } = await runLocal([...IPTABLES, '-S', CHAIN]);
  return parseBridgeRules(stdout);
}

export async function removeBridgeRule(rule: BridgeRule): Promise<void> {
  // Exit code 1: another process removed it first.
  await runLocal([...IPTABLES, '-D', CHAIN, ...ruleSpec(rule)], { acceptExitCodes: [0, 1] });
}

/** Why holdfast cannot keep rules on this machine; undefined when it can. */
export async function firewallUnavailable(): Promise<string | undefined> {
  try {
    await runLocal([...IPTABLES, '-S', 'FORWARD']);
    return undefined;
  } catch (thrown) {
    const text =
      thrown instanceof CommandError ? thrown.failure.stderr || thrown.message : asError(thrown).message;
    if (text.includes('ENOENT')) return 'the command iptables is not installed';
    return `iptables does not answer: ${text.trim().split('\n')[0] ?? text}`;
  }
}

export function parseBridgeRules(listing: string): readonly BridgeRule[] {
  return listing.split('\n').flatMap((line) => {
    const bridge = /-i (\S+)/.exec(line)?.[1];
    const runId = new RegExp(`--comment "?${RUN_LABEL}=([^"\\s]+)"?`).exec(line)?.[1];
    return bridge === undefined || runId === undefined ? [] : [{ bridge, runId }];
  });
}

function ruleSpec({ bridge, runId }: BridgeRule): readonly string[] {
  const comment = ['-m', 'comment', '--comment', `${RUN_LABEL}=${runId}`];
  return ['-i', bridge, '-o', bridge, ...comment, '-j', 'ACCEPT'];
}

/** An engine that was told to leave iptables alone has no such chain, and no rules that need ours. */
async function hasChain(): Promise<boolean> {
  const { exitCode } = await runLocal([...IPTABLES, '-S', CHAIN], { acceptExitCodes: [0, 1] });
  return exitCode === 0;
}
