// Every provider by its name. To add one: its own file and an entry here.
import { EnvironmentError } from '../core/errors.ts';
import type { Provider } from '../core/provider.ts';
import { unknownName } from '../core/suggest.ts';
import { ContainersProvider, type ContainersProviderOptions } from './containers.ts';
import { ENGINE_HINT, findEngine } from './engine.ts';
import { InventoryProvider } from './inventory.ts';
import { VagrantProvider } from './vagrant.ts';

export interface ProviderKind {
  readonly name: string;
  /** One sentence; printed by `holdfast list`. */
  readonly summary: string;
  /** Whether the hosts are made of images, in a Docker Engine of this machine. */
  readonly needsImages: boolean;
  /**
   * Without images it can find, attach and destroy labs, but make none. Installs and starts nothing.
   * @throws EnvironmentError when what it works with does not answer
   */
  open(images?: ContainersProviderOptions['images']): Promise<Provider>;
}

export const PROVIDERS: readonly ProviderKind[] = [
  {
    name: 'containers',
    summary: 'hosts are privileged systemd containers on an internal network of the local Docker Engine',
    needsImages: true,
    open: async (images?: ContainersProviderOptions['images']): Promise<Provider> => {
      const docker = await findEngine();
      if (!docker) throw new EnvironmentError('no Docker Engine answers', { hint: ENGINE_HINT });
      return new ContainersProvider({ docker, ...(images && { images }) });
    },
  },
  {
    name: 'inventory',
    summary:
      'hosts that exist already, reached over SSH as the topology says (ssh: on each host, or for all)',
    needsImages: false,
    open: () => Promise.resolve(new InventoryProvider()),
  },
  {
    name: 'vagrant',
    summary: 'hosts are virtual machines that Vagrant makes of a box, with libvirt or VirtualBox',
    needsImages: false,
    open: () => Promise.resolve(new VagrantProvider()),
  },
];

/** @throws UsageError that names the providers there are */
export function providerKind(name: string): ProviderKind {
  const kind = PROVIDERS.find((one) => one.name === name);
  if (kind) return kind;
  throw unknownName(
    'provider',
    name,
    PROVIDERS.map((one) => one.name),
  );
}
