// holdfast run: one suite on one cluster with one seed, measured, judged and reported.
import { randomInt } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DEFAULT_SUITE, SUITES } from '../../scenarios/suites.ts';
import { loadTopology } from '../cluster/topology.ts';
import { UsageError } from '../core/errors.ts';
import { shellQuote } from '../core/host.ts';
import type { LabDescriptor } from '../core/provider.ts';
import type { Topology } from '../core/topology.ts';
import { unknownName } from '../core/suggest.ts';
import { exitCodeOf } from '../core/verdict.ts';
import { PROVIDERS, providerKind } from '../providers/index.ts';
import { neverSeen, parseAbortCondition } from '../safety/abort-when.ts';
import { requireConsent } from '../safety/policy.ts';
import { byDesign } from '../scenario/by-design.ts';
import { renderTerminal } from '../reporters/terminal.ts';
import { run, type RunOutcome, type RunRequest } from '../run.ts';
import { claimLab, interruptible, isLabBusy, prepareImages, withEngine } from './environment.ts';
import { attachedCluster } from './labs.ts';
import { showRun } from './dry-run.ts';
import { durationUpTo, integerFrom } from './options.ts';
import { addSafetyFlags, collectConditions, policyFrom, type SafetyFlags } from './safety-flags.ts';
import { addProfileFlags, notesOf, profileFrom, type ProfileFlags } from './profile-flags.ts';
import { requireFlagsFor } from './scenario-preview.ts';
import { Progress } from './progress.ts';
import { scenarioNames } from './scenario-names.ts';
import { TerminalView } from './terminal-view.ts';
import { holdfastVersion } from './version.ts';

interface RunFlags extends SafetyFlags, ProfileFlags {
  readonly suite?: string;
  readonly topology: string;
  readonly provider: string;
  readonly cluster?: string;
  readonly seed?: number;
  readonly for?: number;
  readonly repeat: number;
  readonly retries: number;
  readonly instance?: number;
  readonly keep?: true;
  readonly fresh?: true;
  readonly reports: string;
  readonly dryRun?: true;
  readonly ui?: true;
  readonly json?: true;
}

const SEED_LIMIT = 2 ** 31;
const HELP = `
A cluster that \`holdfast up\` left and nobody else is using is used and left up; otherwise a new one is made and removed
afterwards. Exit code: 0 pass, 1 fail, 2 inconclusive or invalid.

Examples:
  holdfast run                                       the default suite, on a cluster of its own
  holdfast run power-off-vip-holder --repeat 10      the same question ten times on one cluster
  holdfast run quick --json > result.json
  holdfast run soak --for 10m --seed 7               the same faults at the same times as the last time
  holdfast run quick --dry-run                       what each scenario would do, host by host, and how it is undone
  holdfast run quick --yes-break my-cluster --abort-when "api down 60s"
  holdfast run --keep && holdfast exec master1 -- kubectl get pods -A`;

export function registerRun(program: Command): void {
  addProfileFlags(addSafetyFlags(program.command('run')))
    .description('run scenarios on a cluster, measure, judge and report')
    .argument('[scenario...]', 'names of scenarios, or of suites, which are lists of them (holdfast list)')
    .option('--suite <name>', `one suite (default: ${DEFAULT_SUITE})`)
    .option('--topology <name|file>', 'the plan of the cluster', 'seed')
    .option('--provider <name>', 'who makes the hosts', PROVIDERS[0]?.name)
    .option('--cluster <name>', 'a cluster that holdfast attach has found, instead of one of our own')
    .option('--seed <n>', 'all randomness comes from it (default: random, printed first)', integerFrom(0))
    .option(
      '--for <duration>',
      'how long a scenario that can go on for any time is to, such as soak: 90s, 10m',
      durationUpTo('8h'),
    )
    .option('--repeat <n>', 'run the list this many times on the one cluster', integerFrom(1), 1)
    .option(
      '--retries <n>',
      'how often a scenario is asked again of which nothing could be learned; one that failed never is',
      integerFrom(0),
      1,
    )
    .option(
      '--instance <n>',
      'which shift of the addresses (default: the first that is free)',
      integerFrom(0),
    )
    .option(
      '--abort-when <condition>',
      'heal at once and end the run when it holds: "api down 60s", "vip lost 20s", "etcd unhealthy 30s", ' +
        '"2 nodes not ready 90s"; may be repeated',
      collectConditions,
    )
    .option('--dry-run', 'only say what would be done host by host, and how it would be undone')
    .option('--keep', 'leave the cluster up afterwards')
    .option('--fresh', 'make a new cluster even if one is up')
    .option('--reports <dir>', 'where run folders go', 'reports')
    .option('--ui', 'also show the report in a browser while the run goes, on loopback')
    .option('--json', 'print result.json on standard output')
    .addHelpText('after', HELP)
    .action(async (names: readonly string[], flags: RunFlags) => {
      const attached = flags.cluster === undefined ? undefined : await attachedCluster(flags.cluster);
      const { topology, warnings } = attached
        ? { topology: attached.topology, warnings: [] }
        : loadTopology(flags.topology);
      const request = requestFrom(names, flags, topology, attached);
      if (flags.dryRun) return showRun(request, flags.json === true);
      await requireLeave(request);
      const progress = new Progress({ plain: flags.json === true });
      for (const note of [...warnings, ...notesOf(request.profile)]) progress.note(note);
      const outcome = await perform(request, progress, flags.ui === true);
      print(outcome, flags);
      appendToSummary(outcome.folder);
      if (outcome.failure) throw outcome.failure;
      process.exitCode = exitCodeOf(outcome.report.result.verdict);
    });
}

async function perform(request: RunRequest, progress: Progress, ui: boolean): Promise<RunOutcome> {
  const view = new TerminalView(progress, request.seed, ui);
  try {
    return await interruptible(progress, (signal) => withEngine(() => run(request, view, signal)));
  } finally {
    await view.end();
  }
}

/** Everything that can be wrong with the words is found here, before anything is touched. */
function requestFrom(
  names: readonly string[],
  flags: RunFlags,
  topology: Topology,
  attached: LabDescriptor | undefined,
): RunRequest {
  const kind = providerKind(attached?.provider ?? flags.provider);
  const profile = profileFrom(flags);
  return {
    scenarios: chosenScenarios(names, flags.suite),
    repeat: flags.repeat,
    retries: flags.retries,
    topology,
    profile,
    providerName: kind.name,
    ...(attached && { attached }),
    seed: flags.seed ?? randomInt(SEED_LIMIT),
    safety: policyFrom(flags),
    ...(flags.for !== undefined && { durationMs: flags.for }),
    reports: flags.reports,
    keep: flags.keep === true,
    fresh: flags.fresh === true,
    ...(flags.instance !== undefined && { instance: flags.instance }),
    holdfast: holdfastVersion(),
    command: `holdfast run ${shellQuote(process.argv.slice(3))}`.trim(),
    openProvider: async (phase, signal) =>
      kind.open(
        kind.needsImages ? await prepareImages(profile, phase, signal, { mirror: flags.mirror }) : undefined,
      ),
    isBusy: isLabBusy,
    claim: claimLab,
  };
}

/** What is known to be refused is refused now, while nothing was touched. @throws UsageError */
async function requireLeave({
  scenarios,
  topology,
  providerName,
  safety,
  seed,
  durationMs,
}: RunRequest): Promise<void> {
  const owned = { provider: providerName, topology };
  for (const text of safety.abortWhen ?? []) requireSeen(text, topology);
  requireConsent(owned, safety, scenarios.join(', '));
  await requireFlagsFor(scenarios, { owned, policy: safety, who: byDesign(topology), seed, durationMs });
}

function requireSeen(text: string, topology: Topology): void {
  const why = neverSeen(parseAbortCondition(text), topology);
  if (why !== undefined) throw new UsageError(`--abort-when ${why}`);
}

function chosenScenarios(names: readonly string[], suite: string | undefined): readonly string[] {
  if (names.length > 0 && suite !== undefined) {
    throw new UsageError('both scenarios and --suite are given', { hint: 'choose one of the two' });
  }
  const known = scenarioNames();
  for (const name of names) {
    if (!known.includes(name) && !SUITES[name]) {
      throw unknownName('scenario or suite', name, [...known, ...Object.keys(SUITES)]);
    }
  }
  if (names.length > 0) return [...new Set(names.flatMap((name) => SUITES[name] ?? [name]))];
  const scenarios = SUITES[suite ?? DEFAULT_SUITE];
  if (scenarios) return scenarios;
  throw unknownName('suite', suite ?? DEFAULT_SUITE, Object.keys(SUITES));
}

/** GitHub shows on a job's page what its steps append to this file. */
function appendToSummary({ path }: RunOutcome['folder']): void {
  const summary = process.env['GITHUB_STEP_SUMMARY'];
  const report = join(path, 'report.md');
  if (summary !== undefined && summary !== '' && existsSync(report))
    appendFileSync(summary, readFileSync(report));
}

function print({ folder, report }: RunOutcome, { json }: RunFlags): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(report.result, undefined, 2)}\n`);
    return;
  }
  process.stdout.write(renderTerminal(report, { colors: process.stdout.isTTY }));
  const page = join(folder.path, 'report.html');
  process.stdout.write(`report: ${existsSync(page) ? page : folder.path}\n`);
}
