// holdfast inject: one fault by hand on a lab that is up. Its undo is on record and on the hosts before the deed.
import { randomInt } from 'node:crypto';
import { Option, type Command } from 'commander';
import { EnvironmentError, UsageError } from '../core/errors.ts';
import type { Fault, FaultParams, FaultPlan, HostDeed } from '../core/fault.ts';
import type { Lab } from '../core/provider.ts';
import type { Evidence, FaultEffect } from '../core/record.ts';
import { seededRandom } from '../core/random.ts';
import { spoken } from '../core/text.ts';
import { faultNamed } from '../faults/index.ts';
import { completeParams } from '../faults/parameters.ts';
import { injectByHand, type HandOutcome } from '../run/by-hand.ts';
import { makeJournalFolder, newRunId } from '../run/folder.ts';
import { namedTargets, resolveTargets } from '../scenario/targets.ts';
import { claimLab, interruptible, isLabBusy } from './environment.ts';
import { findLabs, pickLab, type FoundLab } from './labs.ts';
import { collectNamed, durationUpTo, type NamedValues } from './options.ts';
import { Progress } from './progress.ts';
import { holdfastVersion } from './version.ts';

interface InjectFlags {
  readonly param: NamedValues;
  readonly for: number;
  readonly limit?: number;
  readonly run?: string;
  readonly reports: string;
  readonly dryRun?: true;
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
  holdfast inject pause-process standbys --param process=keepalived --for 10s --dry-run`;

export function registerInject(program: Command): void {
  program
    .command('inject')
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
    .option('--force', 'also on a lab that a living holdfast process uses')
    .option('--json', 'as JSON on standard output, when it is over')
    .addHelpText('after', HELP)
    .action(inject);
}

/** All that is to be done, with nothing left to be found wrong. */
interface Order {
  readonly lab: Lab;
  readonly fault: Fault;
  readonly targets: readonly string[];
  readonly params: FaultParams;
  readonly forMs: number;
  readonly limitMs: number;
  readonly seed: number;
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
  const found = pickLab(await findLabs(), flags.run);
  namedTargets(found.descriptor.topology, target);
  if (flags.dryRun !== true && flags.force !== true) await refuseBusy(found);
  const lab = await found.attach();
  const seed = randomInt(SEED_LIMIT);
  const targets = await targetsIn(lab, target, seed);
  requirePossible(fault, { topology: lab.descriptor.topology, targets, params });
  const order: Order = { lab, fault, targets, params, forMs: flags.for, limitMs, seed };
  await (flags.dryRun ? showOnly(order, flags) : perform(order, flags));
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
  // Loaded when it is needed: the Kubernetes client is the slowest of all packages.
  const { Cluster } = await import('../cluster/cluster.ts');
  const cluster = await Cluster.attach(lab);
  try {
    return await resolveTargets({ cluster, random: seededRandom(seed) }, target);
  } finally {
    cluster.close();
  }
}

async function showOnly({ fault, ...order }: Order, { json }: InjectFlags): Promise<void> {
  const { lab, targets, params, forMs, limitMs } = order;
  const { topology } = lab.descriptor;
  const plan = { topology, targets, params, id: `${fault.name}-00000000` };
  const unavailable = await fault.unavailable?.({ ...plan, lab, limitMs });
  if (unavailable !== undefined) {
    throw new EnvironmentError(`${fault.name} cannot be injected here: ${unavailable}`);
  }
  const preview: Preview = {
    fault: fault.name,
    targets,
    params,
    forMs,
    limitMs,
    effect: fault.effect(plan),
    ...(fault.preview && { hosts: fault.preview(plan) }),
  };
  process.stdout.write(json ? `${JSON.stringify(preview, null, 2)}\n` : renderPreview(fault, preview));
}

async function perform({ fault, ...order }: Order, { reports, json }: InjectFlags): Promise<void> {
  const { lab, targets, params, forMs, limitMs } = order;
  await claimLab(lab.descriptor.runId);
  const folder = makeJournalFolder(reports, newRunId(new Date()));
  const progress = new Progress({ plain: json === true });
  progress.note(`${headline(fault.name, targets, params)}, recorded in ${folder.path}`);
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

interface Preview {
  readonly fault: string;
  readonly targets: readonly string[];
  readonly params: FaultParams;
  readonly forMs: number;
  readonly limitMs: number;
  readonly effect: FaultEffect;
  /** Absent where it is not shells of the hosts that do it. */
  readonly hosts?: readonly HostDeed[];
}

/** "kill-process (process=kubelet, stays=true) on 10-10-102-91.master" */
function headline(fault: string, targets: readonly string[], params: FaultParams): string {
  const values = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  return `${fault}${values.length === 0 ? '' : ` (${values.join(', ')})`} on ${targets.join(', ')}`;
}

export function renderPreview({ summary }: Pick<Fault, 'summary'>, preview: Preview): string {
  const { fault, targets, params, forMs, limitMs, hosts } = preview;
  const by = `healed after ${spoken(forMs)}, by the hosts themselves after ${spoken(limitMs)}`;
  const script = (text: string): string => text.trim().replaceAll(/^/gm, '    ');
  const shells = hosts?.map(
    ({ host, deed, undo }) => `${host} would do:\n${script(deed)}\n  and undo it by:\n${script(undo)}\n`,
  );
  const rest = shells ?? [`No shell of the hosts' does it. ${summary}\n`];
  return [`would inject ${headline(fault, targets, params)}; ${by}\n`, ...rest].join('\n');
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
