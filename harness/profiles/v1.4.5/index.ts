// The seed's own stack: Kubernetes v1.4.5 by kubeadm on CentOS 7.2, from the bundle of rpms and image archives that its author
// brought along. Nothing of it can be built here: whoever has the bundle can have the cluster.
import { VERSION } from './names.ts';

export const v1_4_5 = {
  name: VERSION,
  summary:
    "the seed's chapter 3 to the letter: rpms, docker 1.12.4 and image archives from a bundle that you bring (docs/seed-v1.4.5.md)",
} as const;
