// A process is killed, without a goodbye. Its supervisor starts it again, unless it is to stay away.
import { unitOf } from '../core/facts.ts';
import { onHosts } from './on-host.ts';
import {
  allowRestart,
  awaitProcess,
  forbidRestart,
  forgetPids,
  isUnit,
  PROCESS_PARAMETER,
  processesTaken,
  processMissing,
  processNamed,
  rememberPids,
  restoreManifest,
  signalRemembered,
  startUnit,
  withdrawManifest,
} from './processes.ts';
import { kernelSays, noneLeft, supervisorSays } from './struck-processes.ts';

export const killProcess = onHosts({
  name: 'kill-process',
  summary: 'Kills a process with SIGKILL; its supervisor starts it again, unless it is to stay away.',
  parameters: {
    process: PROCESS_PARAMETER,
    stays: { summary: 'it stays away until healed', default: false },
  },
  effect: (plan) =>
    processesTaken(plan, { how: 'killed', ...(plan.params['stays'] !== true && { comesBack: true }) }),
  unavailable: processMissing,
  deeds: ({ targets, params, id, topology }) => {
    const process = processNamed(params['process']);
    const stays = params['stays'] === true;
    const hasUnit = isUnit(process, topology);
    const unit = unitOf(process, topology);
    const keepAway = hasUnit ? forbidRestart(unit, id) : withdrawManifest(process, id, topology);
    const allow = hasUnit
      ? `${allowRestart(unit, id)}\n${startUnit(unit)}`
      : restoreManifest(process, id, topology);
    return targets.map((host) => ({
      host,
      ready: awaitProcess(process, topology),
      // systemd starts it again at once, and must not; kubelet takes seconds, and would end it in good order first.
      deed: `${hasUnit && stays ? keepAway : ''}
${rememberPids(process, id, topology)}
${signalRemembered('KILL', id)}
${!hasUnit && stays ? keepAway : ''}`,
      undo: `${stays || hasUnit ? allow : ''}\n${forgetPids(id)}`,
    }));
  },
  evidence: async (call) => {
    const killed = await kernelSays(call, {
      inWords: 'killed',
      holds: (state) => state === 'gone' || state === 'Z',
    });
    return call.params['stays'] === true
      ? [...killed, ...(await noneLeft(call)), ...(await supervisorSays(call))]
      : killed;
  },
});
