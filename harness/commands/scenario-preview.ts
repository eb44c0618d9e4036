// What scenarios would do, before they do it: for --dry-run, and to refuse what is known to be refused beforehand.
import type { Lab } from '../core/provider.ts';
import { UsageError } from '../core/errors.ts';
import { whyWithout } from '../core/facts.ts';
import type { FaultPlan } from '../core/fault.ts';
import { faultNamed } from '../faults/index.ts';
import { completeParams } from '../faults/parameters.ts';
import { isSomebodys, type Owned, type SafetyPolicy } from '../safety/policy.ts';
import { previewOf, renderFaultPreview, type FaultPreview } from '../safety/preview.ts';
import { refusalInWords, refusalsOf, type Intended } from '../safety/refusals.ts';
import type { ScenarioDefinition } from '../scenario/definition.ts';
import { faultLimitMs } from '../scenario/execute.ts';
import { rehearse, type RehearsedStep } from '../scenario/rehearsal.ts';
import type { WhoIsWho } from '../scenario/targets.ts';
import { loadScenario } from './scenario-names.ts';

export interface PreviewRequest {
  readonly owned: Owned;
  readonly policy: SafetyPolicy;
  readonly who: WhoIsWho;
  /** Where the hosts can be asked what they cannot do. */
  readonly lab?: Lab;
  readonly seed: number;
  readonly durationMs?: number | undefined;
}

type PreviewStep =
  | {
      readonly type: 'inject';
      readonly target: string;
      readonly unreached?: true;
      readonly preview: FaultPreview;
    }
  | { readonly type: 'inject'; readonly target: string; readonly unreached: true; readonly fault: string }
  | Exclude<RehearsedStep, { readonly type: 'inject' }>;

export interface ScenarioPreview {
  readonly scenario: string;
  readonly hypothesis: string;
  readonly steps: readonly PreviewStep[];
  /** What it does other than by faults. */
  readonly besides: readonly string[];
  readonly undecided?: string;
  /** Why it would not be begun there at all. */
  readonly unavailable?: string;
}

export async function previewScenario(name: string, request: PreviewRequest): Promise<ScenarioPreview> {
  const definition = await loadScenario(name);
  const { hypothesis, besides = [] } = definition;
  const { who, seed, durationMs } = request;
  const unavailable = whyWithout(request.owned.topology, definition.needs);
  if (unavailable !== undefined) return { scenario: name, hypothesis, steps: [], besides, unavailable };
  const { steps, undecided } = await rehearse({ name, definition, who, seed, durationMs });
  const previews: PreviewStep[] = [];
  const standing: Intended[] = [];
  for (const step of steps) {
    const healed = step.type === 'heal' ? standing.findIndex(({ kind }) => kind === step.fault) : -1;
    if (healed >= 0) standing.splice(healed, 1);
    if (step.type !== 'inject') previews.push(step);
    else if (step.hosts.length === 0 || isUnsaid(step)) {
      previews.push({ type: 'inject', target: step.target, unreached: true, fault: step.fault });
    } else {
      const { intended, preview } = await previewStep(step, definition, standing, request);
      if (!step.unreached) standing.push(intended);
      const { target, unreached } = step;
      previews.push({ type: 'inject', target, preview, ...(unreached && { unreached }) });
    }
  }
  return {
    scenario: name,
    hypothesis,
    steps: previews,
    besides,
    ...(undecided !== undefined && { undecided }),
  };
}

type Injecting = Extract<RehearsedStep, { readonly type: 'inject' }>;

/** A fault of which the rehearsal saw the name alone, and that needs to be told more. */
function isUnsaid({ fault, unreached }: Injecting): boolean {
  const parameters = Object.values(faultNamed(fault).parameters ?? {});
  return unreached === true && parameters.some((one) => one.default === undefined);
}

async function previewStep(
  { fault: kind, hosts, params: given }: Injecting,
  definition: ScenarioDefinition,
  standing: readonly Intended[],
  { owned, policy, lab, durationMs }: PreviewRequest,
): Promise<{ readonly intended: Intended; readonly preview: FaultPreview }> {
  const fault = faultNamed(kind);
  const params = completeParams(fault, given);
  const plan: FaultPlan = { topology: owned.topology, targets: hosts, params };
  const limitMs = faultLimitMs({ definition, durationMs });
  const id = `${kind}-00000000`;
  const deeds = fault.preview?.({ ...plan, id });
  const intended: Intended = { kind, targets: hosts, effect: fault.effect(plan), deeds };
  const losesQuorum = definition.losesQuorum === true;
  const refusals = refusalsOf(intended, { owned, policy, standing, losesQuorum });
  const unavailable = lab && (await fault.unavailable?.({ ...plan, id, lab, limitMs }));
  const refused = [...refusals, ...(unavailable === undefined ? [] : [{ reason: unavailable }])];
  return { intended, preview: previewOf(fault, { plan, limitMs, refused }) };
}

/**
 * Refuses, before anything is touched, what is known to be refused later for want of a flag.
 * @throws UsageError
 */
export async function requireFlagsFor(names: readonly string[], request: PreviewRequest): Promise<void> {
  if (!isSomebodys(request.owned)) return;
  const previews = await Promise.all(names.map((name) => previewScenario(name, request)));
  const wanting = previews.flatMap(({ scenario, steps }) => {
    const reasons = steps.flatMap((step) =>
      step.type === 'inject' && 'preview' in step ? step.preview.refused : [],
    );
    const isCurable = reasons.length > 0 && reasons.every(({ flag }) => flag !== undefined);
    return isCurable ? [`${scenario}: ${[...new Set(reasons.map(refusalInWords))].join('; ')}`] : [];
  });
  if (wanting.length === 0) return;
  throw new UsageError(
    `not every scenario may be run on ${request.owned.topology.name}:\n${wanting.join('\n')}`,
    {
      hint: 'say these flags, or leave the scenarios out; nothing was touched',
    },
  );
}

export function renderScenarioPreview({
  scenario,
  hypothesis,
  steps,
  besides,
  undecided,
  unavailable,
}: ScenarioPreview): string {
  if (unavailable !== undefined) return `== ${scenario}\n${hypothesis}\n\nunavailable: ${unavailable}\n\n`;
  const lines = steps.map((step) => `${renderStep(step)}\n`);
  return [
    `== ${scenario}\n${hypothesis}\n\n`,
    ...besides.map((what) => `besides, not as a fault: ${what}\n`),
    ...lines,
    ...(undecided === undefined ? [] : [`decides while it runs: ${undecided}\n`]),
    '\n',
  ].join('');
}

function renderStep(step: PreviewStep): string {
  if (step.type === 'heal') return `heals ${step.fault} on ${step.hosts.join(', ')}`;
  if (step.type === 'does') return `does, not as a fault: ${step.what}`;
  if (step.type === 'note') return `notes: ${step.text}`;
  const where = step.target === '' ? 'a host that it chooses while it runs' : step.target;
  if (!('preview' in step)) return `decides while it runs how to inject ${step.fault} on ${where}`;
  const unsure = step.unreached
    ? 'named in its body, but when and with what parameters it decides while it runs:\n'
    : '';
  return `${unsure}on ${where}: ${renderFaultPreview(step.preview)}`;
}
