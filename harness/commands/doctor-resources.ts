// What doctor says about Node, memory and disk.
import { readFile, statfs } from 'node:fs/promises';
import { findEngine } from '../providers/engine.ts';
import type { Finding, FindingState } from './doctor-finding.ts';

const NODE_VERSION_MIN = [20, 19] as const;
const GIB = 1024 ** 3;
/** Five hosts with a Kubernetes of the seed's kind, their caches and the observer. */
const MEMORY_BYTES = { enough: 6 * GIB, least: 4 * GIB };
/** All images with their build stages, and what the hosts write. */
const DISK_BYTES = { enough: 15 * GIB, least: 5 * GIB };

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = NODE_VERSION_MIN;
  const base = { requirement: 'Node.js', required: true } as const;
  if (major > majorMin || (major === majorMin && minor >= minorMin))
    return { ...base, state: 'ok', detail: version };
  const needed = NODE_VERSION_MIN.join('.');
  return {
    ...base,
    state: 'missing',
    detail: `${version}: ${needed} is needed`,
    fix: `Node.js ${needed} or newer`,
  };
}

export async function memoryFinding(): Promise<Finding> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const availableBytes = Number(/^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  return amountFinding('memory', 'available', availableBytes, MEMORY_BYTES);
}

export async function diskFinding(): Promise<Finding> {
  const docker = await findEngine();
  const info = (await docker?.info()) as { readonly DockerRootDir?: string } | undefined;
  const folder = info?.DockerRootDir ?? '/var/lib';
  try {
    const { bavail, bsize } = await statfs(folder);
    return amountFinding('disk', `free at ${folder}`, bavail * bsize, DISK_BYTES);
  } catch {
    return {
      requirement: 'disk',
      required: true,
      state: 'limited',
      detail: `${folder} cannot be looked at by this user: how much is free is unknown`,
    };
  }
}

export function amountFinding(
  requirement: string,
  where: string,
  bytes: number,
  limits: { readonly enough: number; readonly least: number },
): Finding {
  const gib = (amount: number): string => `${(amount / GIB).toFixed(1)} GiB`;
  const state: FindingState = bytes >= limits.enough ? 'ok' : bytes >= limits.least ? 'limited' : 'missing';
  const detail = {
    ok: `${gib(bytes)} ${where}`,
    limited: `${gib(bytes)} ${where}: ${gib(limits.enough)} are comfortable`,
    missing: `${gib(bytes)} ${where}: at least ${gib(limits.least)} are needed`,
  }[state];
  return { requirement, required: true, state, detail };
}
