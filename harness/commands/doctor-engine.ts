// What doctor says about the Docker Engine.
import type Docker from 'dockerode';
import { runLocal } from '../hosts/local.ts';
import { canInstallEngine, ENGINE_HINT, findEngine } from '../providers/engine.ts';
import type { Finding } from './doctor-finding.ts';

/** Private cgroup namespaces came with it. */
const API_VERSION_MIN = 1.41;

export async function engineFindings(): Promise<readonly Finding[]> {
  const docker = await findEngine();
  if (!docker) return [await absentEngine()];
  const findings = await Promise.all([versionFinding(docker), builderFinding(), cgroupFinding(docker)]);
  return findings;
}

async function absentEngine(): Promise<Finding> {
  const requirement = 'Docker Engine';
  if (await canInstallEngine()) {
    const detail = 'none answers; holdfast installs docker.io and starts it when it needs it';
    return { requirement, required: true, state: 'limited', detail };
  }
  return { requirement, required: true, state: 'missing', detail: 'none answers', fix: ENGINE_HINT };
}

async function versionFinding(docker: Docker): Promise<Finding> {
  const { Version: version, ApiVersion: api, Os: system } = await docker.version();
  const { host } = docker.modem as { readonly host?: string };
  const detail = `${version}, API ${api}, ${system}${host === undefined ? '' : `, on ${host}`}`;
  const base = { requirement: 'Docker Engine', required: true } as const;
  if (host !== undefined) {
    const fix = 'run holdfast on the engine’s own machine';
    return { ...base, state: 'missing', detail: `${detail}: its firewall cannot be reached from here`, fix };
  }
  if (Number(api) < API_VERSION_MIN) {
    return {
      ...base,
      state: 'missing',
      detail: `${detail}: API ${API_VERSION_MIN} is needed`,
      fix: 'Docker 20.10 or newer',
    };
  }
  return { ...base, state: 'ok', detail };
}

async function builderFinding(): Promise<Finding> {
  const buildx = await runLocal(['docker', 'buildx', 'version']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  const detail = `the classic one is used${buildx === undefined ? '; BuildKit’s buildx is not installed' : ` (there is ${buildx})`}`;
  return { requirement: 'image builder', required: false, state: 'ok', detail };
}

async function cgroupFinding(docker: Docker): Promise<Finding> {
  const info = (await docker.info()) as { readonly CgroupVersion?: string; readonly CgroupDriver?: string };
  const detail = `version ${info.CgroupVersion ?? 'unknown'}, driver ${info.CgroupDriver ?? 'unknown'}`;
  const base = { requirement: 'cgroups', required: true } as const;
  if (info.CgroupVersion === '1') return { ...base, state: 'ok', detail };
  return { ...base, state: 'limited', detail: `${detail}: holdfast was tried on version 1 only` };
}
