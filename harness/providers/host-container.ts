// A container that is a whole machine: testcontainers creates and starts it, and this subclass gives its engine-level
// options what the library has no methods for: fixed address, cgroup namespace, devices, capabilities.
import { existsSync } from 'node:fs';
import { GenericContainer, type WaitStrategy } from 'testcontainers';
import type { Capability } from './capabilities.ts';
import type { Labels } from './labels.ts';
import { VAR_ON_VOLUME, VOLUME } from './var-disk.ts';

/** An image in the engine, and what it starts as PID 1. */
export interface LabImage {
  readonly reference: string;
  readonly command: readonly string[];
}

export interface HostContainerOptions {
  readonly image: LabImage;
  readonly name: string;
  readonly hostName: string;
  readonly network: string;
  readonly address: string;
  /** Lines of /etc/hosts as "name:address". The engine writes them anew at each start, and a line for the host itself. */
  readonly extraHosts: readonly string[];
  readonly labels: Labels;
  readonly startTimeoutMs: number;
  /** Resolves when the machine inside is up. */
  readonly ready: () => Promise<void>;
  /** It carries a member of etcd. */
  readonly hasEtcd?: boolean;
}

// Names come from /etc/hosts alone. The engine's resolver would ask the machine's for others; on an internal network
// that gets no answer, and every lookup of a name without an IPv6 address would hang for ten seconds.
const NAMES_FROM_FILES = `printf 'passwd: files\\ngroup: files\\nshadow: files\\nhosts: files\\n' > /etc/nsswitch.conf`;

/** Against 1024 of every other container. */
const OBSERVER_CPU_SHARES = 20_480;
/**
 * A member that has to wait for a core stops every write of the cluster. On a host of its own it would not wait for other
 * hosts that boot.
 */
const ETCD_HOST_CPU_SHARES = 4_096;

class LabContainer extends GenericContainer {
  constructor(options: HostContainerOptions, preparation: string) {
    super(options.image.reference);
    // Without automatic clean-up no Ryuk is started: its image cannot be had everywhere, and labels serve us instead.
    this.withAutoCleanup(false)
      .withName(options.name)
      .withHostname(options.hostName)
      .withLabels({ ...options.labels })
      .withNetworkMode(options.network)
      .withEntrypoint(['/bin/sh', '-c', `set -e\n${preparation}\nexec "$@"`, 'holdfast'])
      .withCommand([...options.image.command])
      .withWaitStrategy(readyWhen(options));
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [options.network]: { IPAMConfig: { IPv4Address: options.address } } },
    };
    this.hostConfig.ExtraHosts = [...options.extraHosts];
    this.hostConfig.Dns = ['127.0.0.1'];
  }
}

/** A host of the cluster, running systemd: as privileged as the machine allows. */
export class HostContainer extends LabContainer {
  constructor(options: HostContainerOptions, missing: readonly Capability[]) {
    super(options, `${NAMES_FROM_FILES}\n${VAR_ON_VOLUME}`);
    Object.assign(this.hostConfig, {
      ...privileges(missing),
      CgroupnsMode: 'private',
      Tmpfs: { '/run': 'exec', '/tmp': 'exec' },
      // Modules are loaded from the machine's kernel, where it has any as files.
      Binds: existsSync('/lib/modules') ? ['/lib/modules:/lib/modules:ro'] : [],
    });
    if (options.hasEtcd) this.hostConfig.CpuShares = ETCD_HOST_CPU_SHARES;
    this.createOpts.Volumes = { [VOLUME]: {} };
  }
}

/** The client on the lab network: an ordinary container that may watch and shape its own interface. */
export class ObserverContainer extends LabContainer {
  constructor(options: HostContainerOptions) {
    super(options, NAMES_FROM_FILES);
    this.hostConfig.CapAdd = ['NET_ADMIN', 'NET_RAW'];
    // What measures must not wait for what is measured: five hosts that boot share the same cores.
    this.hostConfig.CpuShares = OBSERVER_CPU_SHARES;
  }
}

/** Engines refuse `privileged` where the machine withholds a capability; then all that is left is asked for by name. */
function privileges(missing: readonly Capability[]): object {
  if (missing.length === 0) return { Privileged: true };
  return {
    CapAdd: ['ALL'],
    CapDrop: missing,
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
    // What the command line of Docker calls systempaths=unconfined.
    MaskedPaths: [],
    ReadonlyPaths: [],
    DeviceCgroupRules: ['a *:* rwm'],
    // kubelet needs /dev/kmsg, fuse-overlayfs needs /dev/fuse.
    Devices: ['/dev/kmsg', '/dev/fuse']
      .filter((path) => existsSync(path))
      .map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' })),
  };
}

function readyWhen({ ready, startTimeoutMs }: HostContainerOptions): WaitStrategy {
  const strategy: WaitStrategy = {
    waitUntilReady: () => ready(),
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => startTimeoutMs,
  };
  return strategy;
}
