// What a user may say about the machines; the plan of the cluster says the rest.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { UsageError } from '../../core/errors.ts';

export interface VagrantSettings {
  /** The box's name. */
  readonly box: string;
  /** Where vagrant finds it when it does not know it yet. Absent: where vagrant looks by itself. */
  readonly boxUrl?: string;
  /** Absent: libvirt, where vagrant has the plugin for it, else VirtualBox. */
  readonly hypervisor?: HypervisorName;
  /** Absent: whether this machine has hardware virtualisation is tried. */
  readonly driver?: LibvirtDriver;
  readonly memoryMiB: number;
  readonly cpus: number;
}

export type HypervisorName = 'libvirt' | 'virtualbox';
/** qemu: in software. */
export type LibvirtDriver = 'kvm' | 'qemu';

/** The seed's. */
export const DEFAULT_BOX = 'centos/7';

const SAID = {
  HOLDFAST_VAGRANT_BOX: z.string().min(1),
  VAGRANT_DEFAULT_PROVIDER: z.enum(['libvirt', 'virtualbox'], { error: 'libvirt or virtualbox' }),
  HOLDFAST_VAGRANT_DRIVER: z.enum(['kvm', 'qemu'], { error: 'kvm or qemu' }),
  HOLDFAST_VAGRANT_MEMORY_MIB: whole(256, 'MiB, such as 2048'),
  HOLDFAST_VAGRANT_CPUS: whole(1, 'cores, such as 2'),
} as const;

function whole(least: number, what: string): z.ZodCoercedNumber {
  const error = `a whole number of ${what}`;
  return z.coerce
    .number({ error })
    .int({ error })
    .min(least, { error: `at least ${least} ${what}` });
}

/** @throws UsageError that names the variable, what it says, and what was expected */
export function vagrantSettings(environment: NodeJS.ProcessEnv = process.env): VagrantSettings {
  const said = <Name extends keyof typeof SAID>(name: Name): z.infer<(typeof SAID)[Name]> | undefined => {
    const value = environment[name];
    if (value === undefined || value === '') return undefined;
    const { success, data, error } = SAID[name].safeParse(value);
    if (success) return data as z.infer<(typeof SAID)[Name]>;
    throw new UsageError(`${name} says "${value}": expected ${error.issues[0]?.message ?? 'something else'}`);
  };
  const hypervisor = said('VAGRANT_DEFAULT_PROVIDER');
  const driver = said('HOLDFAST_VAGRANT_DRIVER');
  return {
    ...boxNamed(said('HOLDFAST_VAGRANT_BOX') ?? DEFAULT_BOX),
    ...(hypervisor && { hypervisor }),
    ...(driver && { driver }),
    memoryMiB: said('HOLDFAST_VAGRANT_MEMORY_MIB') ?? 2048,
    cpus: said('HOLDFAST_VAGRANT_CPUS') ?? 1,
  };
}

/** A file is a box of its own; everything else is a name that vagrant knows or finds. */
function boxNamed(said: string): Pick<VagrantSettings, 'box' | 'boxUrl'> {
  if (!said.endsWith('.box')) return { box: said };
  const path = resolve(said);
  if (!existsSync(path))
    throw new UsageError(`there is no box ${path}`, { hint: 'vagrant/box/build.sh makes one' });
  // Vagrant knows a box by its name: one of the same name and other content would be taken for it.
  const name = path.slice(path.lastIndexOf('/') + 1, -'.box'.length);
  return { box: `holdfast/${name.replaceAll(/[^\w.-]/g, '-')}`, boxUrl: pathToFileURL(path).href };
}
