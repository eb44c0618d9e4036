// holdfast inject: one fault by hand on a lab that is up. Its undo is on record and on the hosts before the deed.
import { randomInt } from 'node:crypto';
import { Option, type Command } from 'commander';
import { EnvironmentError, UsageError } from '../core/errors.ts';
import type { Fault, FaultParams, FaultPlan } from '../core/fault.ts';
import type { Lab } from '../core/provider.ts';
import type { Evidence } from '../core/record.ts';
import { seededRandom } from '../core/random.ts';
import { spoken } from '../core/text.ts';
import { loadTopology } from '../cluster/topology.ts';
import { faultNamed } from '../faults/index.ts';
import { completeParams } from '../faults/parameters.ts';
import { injectByHand, type HandOutcome } from '../run/by-hand.ts';
import { makeJournalFolder, newRunId } from '../run/folder.ts';
import { isSomebodys, requireConsent, type Owned, type SafetyPolicy } from '../safety/policy.ts';
import { faultHeadline, previewOf, renderFaultPreview } from '../safety/preview.ts';
import { refusalsOf, type Intended } from '../safety/refusals.ts';
import { byDesign } from '../scenario/by-design.ts';
import { requireAllowed, requireHealthy } from '../scenario/safeguard.ts';
import { namedTargets, resolveTargets } from '../scenario/targets.ts';
import { claimLab, interruptible, isLabBusy } from './environment.ts';
import { findLabs, pickLab, withCluster, type FoundLab } from './labs.ts';
import { collectNamed, durationUpTo, type NamedValues } from './options.ts';
import { Progress } from './progress.ts';
import { addSafetyFlags, policyFrom, type SafetyFlags } from './safety-flags.ts';
import { holdfastVersion } from './version.ts';

interface InjectFlags extends SafetyFlags {
  readonly param: NamedValues;
  readonly for: number;
  readonly limit?: number;
  readonly run?: string;
  readonly reports: string;
  readonly dryRun?: true;
  readonly topology?: string;
  readonly force?: true;
  readonly json?: true;
}

const LONGEST = '1h';
/** For the deed and its witnesses, which the hosts' own limit must not cut short. */
const DEED_MS = 30_000;
const SEED_LIMIT = 2 ** 31;

const HELP = `
A target is a host by name or place (master2), a role (vip-holder, standbys, etcd-leader), or several with commas between.
The fault is healed after its time, and at once by Ctrl-C. Should holdfast be killed, the hosts heal at the limit by
themselves, and holdfast heal does it at any time.

Examples:
  holdfast inject kill-process vip-holder --param process=kubelet --param stays=true --for 30s
  holdfast inject power-off master2 --for 2m
  holdfast inject pause-process standbys --param process=keepalived --for 10s --dry-run
  holdfast inject isolate-host vip-holder --for 20s --dry-run --topology my-cluster.yaml
  holdfast inject isolate-host vip-holder --for 20s --yes-break my-cluster`;

export function registerInject(program: Command): void {
  addSafetyFlags(program.command('inject'))
    .description('one fault by hand on a lab that is up, with automatic undo')
    .argument('<fault>', 'one that holdfast list names')
    .argument('<target>', 'host, place, role, or several with commas between')
    .requiredOption('--for <duration>', `how long: 500ms, 30s, 2m; ${LONGEST} at most`, durationUpTo(LONGEST))
    .addOption(
      new Option('--param <name=value>', 'a parameter of the fault (holdfast list); may be repeated')
        .argParser(collectNamed)
        .default({}, 'none'),
    )
    .option('--limit <duration>', 'when hosts heal by themselves (default: 30 s later)', durationUpTo('2h'))
    .option('--run <id>', 'which lab, where there are several')
    .option('--reports <dir>', 'where the record goes', 'reports')
    .option('--dry-run', 'only say what would be done and how it would be undone')
    .option('--topology <name|file>', 'with --dry-run: on this plan alone, without a lab')
    .option('--force', 'also on a lab that a living holdfast process uses')
    .option('--json', 'as JSON on standard output, when it is over')
    .addHelpText('after', HELP)
    .action(inject);
}

interface Asked {
  readonly fault: Fault;
  /** As it was typed. */
  readonly target: string;
  readonly params: FaultParams;
  readonly forMs: number;
  readonly limitMs: number;
}

/** All that is to be done, with nothing left to be found wrong. */
interface Order extends Asked {
  readonly lab: Lab;
  readonly targets: readonly string[];
  readonly seed: number;
  readonly safety: SafetyPolicy;
}

async function inject(kind: string, target: string, flags: InjectFlags): Promise<void> {
  const fault = faultNamed(kind);
  const params = completeParams(fault, flags.param);
  const limitMs = flags.limit ?? flags.for + DEED_MS;
  if (limitMs < flags.for) {
    throw new UsageError('--limit is shorter than --for', {
      hint: 'the hosts would heal before holdfast does',
    });
  }
  const asked: Asked = { fault, target, params, forMs: flags.for, limitMs };
  if (flags.topology !== undefined) return previewByDesign(asked, flags.topology, flags);
  const found = pickLab(await findLabs(), flags.run);
  namedTargets(found.descriptor.topology, target);
  const policy = policyFrom(flags);
  if (flags.dryRun !== true) {
    requireConsent(found.descriptor, policy, `${kind} on ${target}`);
    if (flags.force !== true) await refuseBusy(found);
  }
  const lab = await found.attach();
  const seed = randomInt(SEED_LIMIT);
  const targets = await targetsIn(lab, target, seed);
  requirePossible(fault, { topology: lab.descriptor.topology, targets, params });
  const order: Order = { ...asked, lab, targets, seed, safety: policy };
  await (flags.dryRun ? showOnly(order, flags) : perform(order, flags));
}

/** @throws UsageError where anything else than a preview is asked of a plan */
async function previewByDesign(asked: Asked, file: string, flags: InjectFlags): Promise<void> {
  if (flags.dryRun !== true) {
    throw new UsageError('--topology needs --dry-run', {
      hint: 'a fault is injected on a lab: --run says which',
    });
  }
  const { topology } = loadTopology(file);
  const random = seededRandom(randomInt(SEED_LIMIT));
  const targets = await resolveTargets({ cluster: byDesign(topology), random }, asked.target);
  requirePossible(asked.fault, { topology, targets, params: asked.params });
  const note = 'no cluster was asked: who holds what is as the design has it';
  show(asked, targets, { provider: 'none', topology }, { flags, note });
}

/** Some faults say only of all their words together what is wrong with them. @throws UsageError */
function requirePossible(fault: Fault, plan: FaultPlan): void {
  fault.effect(plan);
  fault.preview?.({ ...plan, id: `${fault.name}-00000000` });
}

async function refuseBusy({ descriptor: { runId } }: FoundLab): Promise<void> {
  if (!(await isLabBusy(runId))) return;
  throw new UsageError(`the lab of run ${runId} is in use by a holdfast that is running`, {
    hint: 'end that one (Ctrl-C), choose another lab with --run, or say --force',
  });
}

/** Hosts by name need no cluster that answers; roles do. */
async function targetsIn(lab: Lab, target: string, seed: number): Promise<readonly string[]> {
  const named = namedTargets(lab.descriptor.topology, target);
  if (named) return named;
  return withCluster(lab, (cluster) => resolveTargets({ cluster, random: seededRandom(seed) }, target));
}

async function showOnly(order: Order, flags: InjectFlags): Promise<void> {
  const { lab, fault, target, targets, params, limitMs } = order;
  const { topology } = lab.descriptor;
  const call = { topology, targets, params, id: `${fault.name}-00000000`, lab, limitMs };
  const unavailable = await fault.unavailable?.(call);
  if (unavailable !== undefined) {
    throw new EnvironmentError(`${fault.name} cannot be injected here: ${unavailable}`);
  }
  const isNow = namedTargets(topology, target) === undefined;
  const note = isNow ? `${target} is ${targets.join(', ')} now; asked again when it is done` : undefined;
  show(order, targets, lab.descriptor, { flags, note });
}

interface Showing {
  readonly flags: InjectFlags;
  /** How the targets are known. */
  readonly note: string | undefined;
}

function show(asked: Asked, targets: readonly string[], owned: Owned, { flags, note }: Showing): void {
  const { fault, params, forMs, limitMs } = asked;
  const plan: FaultPlan = { topology: owned.topology, targets, params };
  const policy = policyFrom(flags);
  const refused = refusalsOf(intendedBy(fault, plan), { owned, policy, standing: [], losesQuorum: true });
  const preview = previewOf(fault, { plan, forMs, limitMs, refused });
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ ...preview, ...(note !== undefined && { note }) }, null, 2)}\n`
      : `${note === undefined ? '' : `${note}\n`}${renderFaultPreview(preview)}`,
  );
}

function intendedBy(fault: Fault, plan: FaultPlan): Intended {
  const deeds = fault.preview?.({ ...plan, id: `${fault.name}-00000000` });
  return { kind: fault.name, targets: plan.targets, effect: fault.effect(plan), deeds };
}

/** Refused before there is a record of it: then nothing was touched. */
async function requireSafe({ lab, fault, targets, params, safety: policy }: Order): Promise<void> {
  const plan = { topology: lab.descriptor.topology, targets, params };
  requireAllowed(intendedBy(fault, plan), { lab, policy, standing: [], losesQuorum: true });
  if (isSomebodys(lab.descriptor)) await withCluster(lab, requireHealthy);
}

async function perform(wanted: Order, { reports, json }: InjectFlags): Promise<void> {
  await requireSafe(wanted);
  const { fault, ...order } = wanted;
  const { lab, targets, params, forMs, limitMs } = order;
  await claimLab(lab.descriptor.runId);
  const folder = makeJournalFolder(reports, newRunId(new Date()));
  const progress = new Progress({ plain: json === true });
  progress.note(`${faultHeadline(fault.name, targets, params)}, recorded in ${folder.path}`);
  const view = {
    phase: progress.phase.bind(progress),
    evidence: (evidence: readonly Evidence[]) => {
      if (!json) process.stdout.write(renderEvidence(evidence));
    },
  };
  const command = `holdfast inject ${process.argv.slice(3).join(' ')}`;
  const given = { ...order, kind: fault.name, folder, holdfast: holdfastVersion(), command };
  const outcome = await interruptible(progress, (signal) => injectByHand(given, view, signal));
  const { failure, ...rest } = outcome;
  const told = { run: folder.id, record: folder.journal, fault: fault.name, targets, params, forMs, limitMs };
  process.stdout.write(json ? `${JSON.stringify({ ...told, ...rest }, null, 2)}\n` : renderEnd(outcome));
  if (failure) throw failure;
}

export function renderEvidence(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return 'no witness said anything\n';
  return evidence
    .map(({ witness, holds, detail }) => `${holds ? 'took effect' : 'NO EFFECT'}  ${witness}: ${detail}\n`)
    .join('');
}

function renderEnd({ inForceMs, healed }: HandOutcome): string {
  if (inForceMs === undefined) return healed ? 'nothing is in force\n' : 'it is not known to be healed\n';
  return `healed after ${spoken(inForceMs)}\n`;
}
