// What would be done, host by host, for a person to read before anything is.
import type { Fault, FaultParams, FaultPlan, HostDeed } from '../core/fault.ts';
import type { FaultEffect } from '../core/record.ts';
import { spoken } from '../core/text.ts';
import { refusalInWords, type Refusal } from './refusals.ts';

export interface FaultPreview {
  readonly fault: string;
  readonly targets: readonly string[];
  readonly params: FaultParams;
  /** After this holdfast heals it; absent: when the scenario says, at its end at the latest. */
  readonly forMs?: number;
  readonly limitMs: number;
  readonly effect: FaultEffect;
  readonly hosts: readonly HostDeed[];
  /** Whether the hosts do and undo it by shells of theirs; otherwise deed and undo are told in words. */
  readonly onHosts: boolean;
  /** Why it would not be injected. */
  readonly refused: readonly Refusal[];
}

export interface PreviewOrder {
  readonly plan: FaultPlan;
  readonly forMs?: number;
  readonly limitMs: number;
  readonly refused: readonly Refusal[];
}

/** Pure. @throws UsageError where the plan makes no sense */
export function previewOf(fault: Fault, { plan, forMs, limitMs, refused }: PreviewOrder): FaultPreview {
  const hosts = fault.preview?.({ ...plan, id: `${fault.name}-00000000` });
  return {
    fault: fault.name,
    targets: plan.targets,
    params: plan.params,
    ...(forMs !== undefined && { forMs }),
    limitMs,
    effect: fault.effect(plan),
    hosts: hosts ?? fault.outside?.(plan) ?? [],
    onHosts: hosts !== undefined,
    refused,
  };
}

/** "kill-process (process=kubelet, stays=true) on 10-10-102-91.master" */
export function faultHeadline(fault: string, targets: readonly string[], params: FaultParams): string {
  const values = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  return `${fault}${values.length === 0 ? '' : ` (${values.join(', ')})`} on ${targets.join(', ')}`;
}

export function renderFaultPreview(preview: FaultPreview): string {
  const { fault, targets, params, forMs, limitMs, hosts, onHosts, refused } = preview;
  const healed = forMs === undefined ? 'when the scenario says' : `after ${spoken(forMs)}`;
  const last = onHosts ? 'by the hosts themselves' : 'without holdfast';
  const head = `would inject ${faultHeadline(fault, targets, params)}; healed ${healed}, ${last} after ${spoken(limitMs)}\n`;
  const text = (script: string): string => script.trim().replaceAll(/^/gm, '    ');
  const told = hosts.map(({ host, deed, undo }) =>
    onHosts
      ? `${host} would do:\n${text(deed)}\n  and undo it by:\n${text(undo)}\n`
      : `${host}, from outside of it:\n${text(deed)}\n  and it is undone:\n${text(undo)}\n`,
  );
  const reasons = refused.map((one) => `would be REFUSED: ${refusalInWords(one)}\n`);
  return [head, ...reasons, ...told].join('\n');
}
