// holdfast list: everything that can be named on the command line or in a scenario, from the registries themselves.
import type { Command } from 'commander';
import { DEFAULT_SUITE, SUITES } from '../../scenarios/suites.ts';
import { CHECKS } from '../checks/index.ts';
import { listTopologies, loadTopology } from '../cluster/topology.ts';
import type { Fault } from '../core/fault.ts';
import { FAULTS } from '../faults/index.ts';
import { probes } from '../probes/index.ts';
import { PROFILES, RELEASE, SEED_PROFILE } from '../profiles/index.ts';
import { PROVIDERS } from '../providers/index.ts';
import { REPORTERS } from '../reporters/index.ts';
import { SELECTOR_SUMMARIES } from '../scenario/targets.ts';
import { loadScenario, scenarioNames } from './scenario-names.ts';

interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Of a fault. */
  readonly parameters?: Fault['parameters'];
}

export function registerList(program: Command): void {
  program
    .command('list')
    .description(
      'scenarios, suites, faults, targets, probes, checks, reporters, topologies, profiles, providers',
    )
    .option('--json', 'as JSON: one list of {name, summary} for each kind')
    .addHelpText('after', '\nExamples:\n  holdfast list\n  holdfast list --json | jq -r ".scenarios[].name"')
    .action(async ({ json }: { json?: true }) => {
      const catalogue = await readCatalogue();
      process.stdout.write(json ? `${JSON.stringify(catalogue, null, 2)}\n` : renderCatalogue(catalogue));
    });
}

/** Each kind of thing, in the order in which a reader meets them. */
export async function readCatalogue(): Promise<Readonly<Record<string, readonly Entry[]>>> {
  return {
    scenarios: await scenarioEntries(),
    suites: Object.entries(SUITES).map(([name, scenarios]) => ({
      name,
      summary: `${scenarios.join(', ')}${name === DEFAULT_SUITE ? ' (the default)' : ''}`,
    })),
    faults: FAULTS.map(faultEntry),
    targets: SELECTOR_SUMMARIES,
    probes: probes.map(({ name, summary }) => ({ name, summary })),
    checks: [...CHECKS.values()].map(({ name, question }) => ({ name, summary: question })),
    reporters: REPORTERS.map(({ name, summary }) => ({ name, summary })),
    topologies: listTopologies().map((name) => ({ name, summary: topologySummary(name) })),
    profiles: [
      ...PROFILES.map(({ name, summary, kubernetesVersion }) => ({
        name,
        summary: `Kubernetes ${kubernetesVersion}, ${summary}`,
      })),
      {
        name: RELEASE,
        summary: 'official binaries and images of the version that --kubernetes names (docs/release.md)',
      },
      { name: SEED_PROFILE.name, summary: SEED_PROFILE.summary },
    ],
    providers: PROVIDERS.map(({ name, summary }) => ({ name, summary })),
  };
}

function faultEntry({ name, summary, parameters }: Fault): Entry {
  return parameters ? { name, summary, parameters } : { name, summary };
}

/** A scenario's name is its file's; what it says is its hypothesis. */
async function scenarioEntries(): Promise<Entry[]> {
  return Promise.all(
    scenarioNames().map(async (name) => ({ name, summary: (await loadScenario(name)).hypothesis })),
  );
}

function topologySummary(name: string): string {
  const { topology, warnings } = loadTopology(name);
  const hosts = topology.hosts.map((host) => `${host.name} (${host.roles.join(', ')})`).join(', ');
  return [`VIP ${topology.vip.address}; ${hosts}`, ...warnings].join('; ');
}

export function renderCatalogue(catalogue: Readonly<Record<string, readonly Entry[]>>): string {
  return Object.entries(catalogue)
    .map(([kind, entries]) => {
      const width = Math.max(...entries.map(({ name }) => name.length));
      const lines = entries.map(
        ({ name, summary, parameters = {} }) =>
          `  ${name.padEnd(width)}  ${summary}${parametersInWords(parameters)}\n`,
      );
      return `${kind}\n${lines.join('')}`;
    })
    .join('\n');
}

/** " (percent=20, direction=both|out|in)": the default, and what else there is. */
function parametersInWords(parameters: NonNullable<Fault['parameters']>): string {
  const said = Object.entries(parameters).map(([name, { default: value, values = [] }]) => {
    const others = values.filter((one) => one !== value);
    return `${name}=${[...(value === undefined ? [] : [String(value)]), ...others].join('|')}`;
  });
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}
