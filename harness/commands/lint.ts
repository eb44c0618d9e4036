// holdfast lint: what is weak or wrong about a topology or about keepalived's files, without touching any host.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { keepalivedConf } from '../cluster/keepalived.ts';
import { loadTopology } from '../cluster/topology.ts';
import { asError, EXIT_CODES, UsageError } from '../core/errors.ts';
import { count } from '../core/text.ts';
import { hostsWithRole } from '../core/topology.ts';
import { lintConfFiles, type ConfFile } from '../oracle/lint-keepalived.ts';
import { bySeverity, lintTopology, type LintFinding, type Severity } from '../oracle/lint.ts';
import { DEFAULT_PROFILE } from '../profiles/index.ts';

const HELP = `
A topology is a name (holdfast list), or a path to a YAML file; keepalived's own files end in .conf. Files of several
hosts that are given together are compared with each other.

Exit code: 0 when there is nothing above a note; 1 when there are weaknesses or mistakes; 3 when a file cannot be read.

Examples:
  holdfast lint                                          the default topology
  holdfast lint three-etcd --json
  holdfast lint master1/keepalived.conf master2/keepalived.conf master3/keepalived.conf`;

/** What was looked at together, and what was found. */
export interface LintReport {
  readonly subject: string;
  readonly findings: readonly LintFinding[];
}

export function registerLint(program: Command): void {
  program
    .command('lint')
    .description('weaknesses and mistakes of a topology, or of keepalived.conf files')
    .argument('[subject...]', "a topology's name or file, or keepalived.conf files (default: seed)")
    .option('--json', 'as JSON: one list of findings for each subject')
    .addHelpText('after', HELP)
    .action((subjects: readonly string[], { json }: { json?: true }) => {
      const reports = lint(subjects.length > 0 ? subjects : ['seed']);
      process.stdout.write(json ? `${JSON.stringify(reports, null, 2)}\n` : renderLint(reports));
      if (reports.some(({ findings }) => findings.some(({ severity }) => severity !== 'note'))) {
        process.exitCode = EXIT_CODES.fail;
      }
    });
}

/**
 * Every topology by itself, all keepalived.conf files together.
 * @throws UsageError for a subject that cannot be read
 */
export function lint(subjects: readonly string[]): LintReport[] {
  const files = subjects.filter((subject) => subject.endsWith('.conf'));
  const topologies = subjects.filter((subject) => !subject.endsWith('.conf'));
  return [
    ...topologies.map((name) => ({ subject: name, findings: lintPlan(name) })),
    ...(files.length > 0 ? [{ subject: files.join(' '), findings: lintFiles(files) }] : []),
  ];
}

/** The plan, and the keepalived.conf files that would be written from it. */
function lintPlan(name: string): LintFinding[] {
  const { topology } = loadTopology(name);
  const written = hostsWithRole(topology, 'master').map((host) => ({
    text: keepalivedConf(topology, host, DEFAULT_PROFILE, 'eth0'),
    host: host.name,
    address: host.address,
    file: `${host.name}:/etc/keepalived/keepalived.conf`,
  }));
  return bySeverity([...lintTopology(topology), ...lintConfFiles(written)]);
}

function lintFiles(files: readonly string[]): LintFinding[] {
  const names = files.map((path) => basename(path));
  const read = files.map((path): ConfFile => {
    // Files from several hosts mostly have the same name: the folder tells them apart.
    const isAlone = names.filter((name) => name === basename(path)).length === 1;
    return {
      text: readText(path),
      host: isAlone ? basename(path) : path,
      address: UNKNOWN_ADDRESS,
      file: path,
    };
  });
  return bySeverity(lintConfFiles(read));
}

/** A file does not say which address its host has; only a tie of priorities would ask for it. */
const UNKNOWN_ADDRESS = '0.0.0.0';

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new UsageError(`${path} cannot be read`, { cause: asError(thrown) });
  }
}

const HEADINGS: Readonly<Record<Severity, string>> = {
  mistake: 'Mistakes: it does not do what it is there for',
  weakness: 'Weaknesses: it works until something fails',
  note: 'Notes',
};

export function renderLint(reports: readonly LintReport[]): string {
  return reports.map(renderReport).join('\n');
}

function renderReport({ subject, findings }: LintReport): string {
  if (findings.length === 0) return `${subject}: nothing to say against it\n`;
  const grouped = (Object.keys(HEADINGS) as Severity[]).map((severity) => ({
    severity,
    own: findings.filter((finding) => finding.severity === severity),
  }));
  const groups = grouped.filter(({ own }) => own.length > 0);
  const text = groups.map(
    ({ severity, own }) => `\n${HEADINGS[severity]}\n${own.map(renderFinding).join('')}`,
  );
  return `${subject}: ${count(findings.length, 'finding')}\n${text.join('')}`;
}

function renderFinding({ id, where, what, consequence, remedy }: LintFinding): string {
  return `  ${id}  (${where})\n    ${what}:\n    ${consequence}\n    → ${remedy}\n`;
}
