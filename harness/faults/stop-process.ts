// A process is stopped as its supervisor stops it: it can say goodbye, and stays away until healed.
import { unitOf } from '../core/facts.ts';
import { onHosts } from './on-host.ts';
import {
  awaitProcess,
  forgetPids,
  isUnit,
  pidsOf,
  PROCESS_PARAMETER,
  processesTaken,
  processMissing,
  processNamed,
  rememberPids,
  restoreManifest,
  startUnit,
  withdrawManifest,
} from './processes.ts';
import { noneLeft, supervisorSays } from './struck-processes.ts';

/** kubelet looks at its manifests at once or every 20 s, and gives a pod 30 s to end. */
const GONE_WITHIN_S = 25;

export const stopProcess = onHosts({
  name: 'stop-process',
  summary: 'Stops a process the orderly way: it can say goodbye, and stays away until healed.',
  parameters: { process: PROCESS_PARAMETER },
  effect: (plan) => processesTaken(plan, { how: 'stopped' }),
  unavailable: processMissing,
  deeds: ({ targets, params, id, topology }) => {
    const process = processNamed(params['process']);
    const stop = isUnit(process, topology)
      ? `systemctl stop ${unitOf(process, topology)}`
      : `${withdrawManifest(process, id, topology)}
for second in $(seq ${GONE_WITHIN_S}); do { ${pidsOf(process, topology)}; } > /dev/null || break; sleep 1; done`;
    const start = isUnit(process, topology)
      ? startUnit(unitOf(process, topology))
      : restoreManifest(process, id, topology);
    return targets.map((host) => ({
      host,
      ready: awaitProcess(process, topology),
      deed: `${rememberPids(process, id, topology)}\n${stop}`,
      undo: `${start}\n${forgetPids(id)}`,
    }));
  },
  evidence: async (call) => [...(await noneLeft(call)), ...(await supervisorSays(call))],
});
