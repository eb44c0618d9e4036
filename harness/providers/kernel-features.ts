// What this machine's kernel can do, told from its configuration, without trying anything.
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export interface KernelFeature {
  readonly name: string;
  /** As in the kernel's configuration, without CONFIG_. */
  readonly option: string;
  /** As in /proc/modules and /sys/module. */
  readonly module: string;
}

/** `unknown`: the kernel does not show its configuration, and no module of that name was seen. */
export type FeatureState = 'present' | 'absent' | 'unknown';

/** The sources, as texts; undefined where the machine does not have them. */
export interface KernelDescription {
  readonly config: string | undefined;
  readonly loadedModules: string;
  /** modules.builtin and modules.dep. */
  readonly installedModules: string;
}

export async function describeKernel(): Promise<KernelDescription> {
  const read = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);
  const folder = `/lib/modules/${release()}`;
  const zipped = await readFile('/proc/config.gz').catch(() => undefined);
  const config = zipped
    ? (await promisify(gunzip)(zipped)).toString('utf8')
    : await read(`/boot/config-${release()}`);
  const installed = await Promise.all([read(`${folder}/modules.builtin`), read(`${folder}/modules.dep`)]);
  return {
    config,
    loadedModules: (await read('/proc/modules')) ?? '',
    installedModules: installed.map((text) => text ?? '').join('\n'),
  };
}

export function featureState(kernel: KernelDescription, { option, module }: KernelFeature): FeatureState {
  const name = module.replaceAll(/[-_]/g, '[-_]');
  if (new RegExp(`^${name} `, 'm').test(kernel.loadedModules)) return 'present';
  if (new RegExp(`/${name}\\.ko`).test(kernel.installedModules)) return 'present';
  if (kernel.config === undefined) return 'unknown';
  // Built as a module (=m), but no such file: it was seen neither loaded nor installed above.
  return new RegExp(`^CONFIG_${option}=y$`, 'm').test(kernel.config) ? 'present' : 'absent';
}
