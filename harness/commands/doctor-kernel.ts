// What doctor says about the kernel: which faults it can carry out, and what every host needs of it.
import {
  describeKernel,
  featureState,
  type FeatureState,
  type KernelFeature,
} from '../providers/kernel-features.ts';
import type { Finding, FindingState } from './doctor-finding.ts';

interface NeededFeature extends KernelFeature {
  readonly required: boolean;
  /** What goes without it, as a clause. */
  readonly without: string;
}

const FEATURES: readonly NeededFeature[] = [
  {
    name: 'overlay',
    option: 'OVERLAY_FS',
    module: 'overlay',
    required: true,
    without: 'containerd inside a host cannot unpack images',
  },
  {
    name: 'nf_tables',
    option: 'NF_TABLES',
    module: 'nf_tables',
    required: true,
    without: 'Debian’s iptables does not work inside a host',
  },
  {
    name: 'br_netfilter',
    option: 'BRIDGE_NETFILTER',
    module: 'br_netfilter',
    required: false,
    without: 'a pod cannot reach a service that a pod on its own node serves',
  },
  {
    name: 'netem',
    option: 'NET_SCH_NETEM',
    module: 'sch_netem',
    required: false,
    without: 'latency and jitter cannot be injected',
  },
  {
    name: 'ipset',
    option: 'IP_SET',
    module: 'ip_set',
    required: false,
    without: 'partitions are written as one rule per host',
  },
];

const STATES: Readonly<Record<FeatureState, FindingState>> = {
  present: 'ok',
  absent: 'missing',
  unknown: 'limited',
};

export async function kernelFindings(): Promise<readonly Finding[]> {
  const kernel = await describeKernel();
  return FEATURES.map((feature) => {
    const state = featureState(kernel, feature);
    const detail = {
      present: 'in this kernel',
      absent: `not in this kernel: ${feature.without}`,
      unknown: `cannot be told here; without it ${feature.without}`,
    }[state];
    return {
      requirement: `kernel: ${feature.name}`,
      required: feature.required,
      state: STATES[state],
      detail,
    };
  });
}
