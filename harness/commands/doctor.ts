// holdfast doctor: what this machine can and cannot do, with the reason and the fix.
import { EXIT_CODES, type ExitCode } from '../core/errors.ts';
import { hasProgram } from '../hosts/local.ts';
import { missingCapabilities } from '../providers/capabilities.ts';
import { canInstallEngine } from '../providers/engine.ts';
import { firewallUnavailable } from '../providers/firewall.ts';
import { inotifySuffices, NEEDED_INOTIFY_LIMITS, readInotifyLimits } from '../providers/inotify.ts';
import { engineFindings } from './doctor-engine.ts';
import type { Finding } from './doctor-finding.ts';
import { kernelFindings } from './doctor-kernel.ts';
import { machinesFinding } from './doctor-machines.ts';
import { diskFinding, memoryFinding, nodeFinding } from './doctor-resources.ts';

export type { Finding } from './doctor-finding.ts';

export interface DiagnoseOptions {
  /** What the image commands know about images that are built. */
  readonly imageFindings?: () => Promise<readonly Finding[]>;
}

/** Looks at everything and changes nothing. */
export async function diagnose(options: DiagnoseOptions = {}): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    Promise.resolve(nodeFinding(process.versions.node)),
    engineFindings(),
    firewallFinding(),
    capabilitiesFinding(),
    inotifyFinding(),
    kernelFindings(),
    memoryFinding(),
    diskFinding(),
    Promise.resolve(options.imageFindings?.() ?? []),
    machinesFinding(),
    chromiumFinding(),
  ]);
  return findings.flat();
}

/** 0 when a run is possible, 4 when something that it needs is missing. */
export function doctorExitCode(findings: readonly Finding[]): ExitCode {
  const blocked = findings.some(({ required, state }) => required && state === 'missing');
  return blocked ? EXIT_CODES.environment : EXIT_CODES.pass;
}

/** Aligned plain text, a line per finding and one for its fix. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ requirement }) => requirement.length), 0);
  const lines = findings.flatMap(({ requirement, state, detail, fix }) => [
    `${state.padEnd(7)}  ${requirement.padEnd(width)}  ${detail}`,
    ...(fix === undefined ? [] : [`${' '.repeat(width + 11)}→ ${fix}`]),
  ]);
  const verdict =
    doctorExitCode(findings) === EXIT_CODES.pass
      ? 'A run is possible on this machine.'
      : 'No run is possible on this machine before what is missing and needed is there.';
  return [...lines, '', verdict, ''].join('\n');
}

async function firewallFinding(): Promise<Finding> {
  const requirement = 'iptables';
  const reason = await firewallUnavailable();
  if (reason !== undefined && (await canInstallEngine()) && !(await hasProgram('iptables'))) {
    return {
      requirement,
      required: true,
      state: 'limited',
      detail: 'installed together with the Docker Engine',
    };
  }
  if (reason === undefined) {
    const detail = 'the lab’s bridge can be let through Docker’s rules, so VRRP multicast passes';
    return { requirement, required: true, state: 'ok', detail };
  }
  const fix = 'run as root; as root: apt-get install iptables';
  return {
    requirement,
    required: true,
    state: 'missing',
    detail: `${reason}; VRRP multicast would be lost`,
    fix,
  };
}

async function capabilitiesFinding(): Promise<Finding> {
  const requirement = 'capabilities';
  const missing = await missingCapabilities();
  if (missing.length === 0) {
    return {
      requirement,
      required: true,
      state: 'ok',
      detail: 'none is withheld: hosts are privileged containers',
    };
  }
  const detail = `the machine withholds ${missing.map((name) => `CAP_${name}`).join(', ')}: hosts get all others`;
  // With less than these no systemd, no container runtime and no network of its own can run inside a host.
  const fatal = missing.filter((name) => ['SYS_ADMIN', 'NET_ADMIN', 'SYS_CHROOT', 'MKNOD'].includes(name));
  if (fatal.length === 0) return { requirement, required: true, state: 'limited', detail };
  const fix = 'use a machine whose bounding set has them (grep CapBnd /proc/self/status)';
  return {
    requirement,
    required: true,
    state: 'missing',
    detail: `${detail}, too few to run Kubernetes`,
    fix,
  };
}

async function inotifyFinding(): Promise<Finding> {
  const requirement = 'inotify limits';
  const limits = await readInotifyLimits();
  const found = `max_user_instances ${limits.max_user_instances}, max_user_watches ${limits.max_user_watches}`;
  if (inotifySuffices(limits)) return { requirement, required: true, state: 'ok', detail: found };
  if (process.getuid?.() === 0) {
    return { requirement, required: true, state: 'limited', detail: `${found}: raised while a lab stands` };
  }
  const settings = Object.entries(NEEDED_INOTIFY_LIMITS).map(
    ([name, value]) => `fs.inotify.${name}=${value}`,
  );
  return {
    requirement,
    required: true,
    state: 'missing',
    detail: `${found}: too few for five hosts with systemd`,
    fix: `as root: sysctl -w ${settings.join(' ')}`,
  };
}

async function chromiumFinding(): Promise<Finding> {
  const requirement = 'chromium';
  for (const program of ['chromium', 'chromium-browser', 'google-chrome']) {
    if (await hasProgram(program)) return { requirement, required: false, state: 'ok', detail: program };
  }
  return {
    requirement,
    required: false,
    state: 'missing',
    detail: 'diagrams are written as text, and not drawn as images',
    fix: 'as root: apt-get install chromium',
  };
}
