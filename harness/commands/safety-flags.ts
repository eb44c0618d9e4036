// The flags by which a person says what may be broken, the same for run and inject.
import { InvalidArgumentError, type Command } from 'commander';
import { parseAbortCondition } from '../safety/abort-when.ts';
import type { SafetyPolicy } from '../safety/policy.ts';
import { asError, HoldfastError } from '../core/errors.ts';
import { integerFrom } from './options.ts';

export interface SafetyFlags {
  readonly yesBreak?: string;
  readonly allowHosts?: number;
  readonly allowQuorumLoss?: true;
  readonly abortWhen?: readonly string[];
}

export function addSafetyFlags(command: Command): Command {
  return command
    .option(
      '--yes-break <cluster>',
      'the name of the cluster that may be broken; has to be said where holdfast did not make it',
    )
    .option(
      '--allow-hosts <n>',
      "how many hosts may be struck at the same time (default on somebody's cluster: 1)",
      integerFrom(1),
    )
    .option('--allow-quorum-loss', "what may cost etcd its quorum too, on somebody's cluster");
}

/** For --abort-when, which may be repeated. @throws InvalidArgumentError, which commander turns into a usage error */
export function collectConditions(text: string, before: readonly string[] = []): readonly string[] {
  try {
    return [...before, parseAbortCondition(text).text];
  } catch (thrown) {
    const hint = thrown instanceof HoldfastError ? thrown.hint : undefined;
    throw new InvalidArgumentError([asError(thrown).message, hint].filter(Boolean).join('; '));
  }
}

export function policyFrom({ yesBreak, allowHosts, allowQuorumLoss, abortWhen }: SafetyFlags): SafetyPolicy {
  return {
    ...(yesBreak !== undefined && { yesBreak }),
    ...(allowHosts !== undefined && { allowHosts }),
    ...(allowQuorumLoss && { allowQuorumLoss }),
    ...(abortWhen && { abortWhen }),
  };
}
