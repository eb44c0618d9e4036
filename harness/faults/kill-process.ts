// A process is killed, without a goodbye. Its supervisor starts it again, unless it is to stay away.
import { onHosts } from './on-host.ts';
import {
  allowRestart,
  awaitProcess,
  forbidRestart,
  forgetPids,
  isUnit,
  PROCESS_PARAMETER,
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
  effect: ({ targets, params }) => ({
    processesDown: targets.map((host) => ({
      host,
      process: processNamed(params['process']),
      how: 'killed',
      ...(params['stays'] !== true && { comesBack: true }),
    })),
  }),
  deeds: ({ targets, params, id }) => {
    const process = processNamed(params['process']);
    const stays = params['stays'] === true;
    const keepAway = isUnit(process) ? forbidRestart(process, id) : withdrawManifest(process, id);
    const allow = isUnit(process)
      ? `${allowRestart(process, id)}\n${startUnit(process)}`
      : restoreManifest(process, id);
    return targets.map((host) => ({
      host,
      ready: awaitProcess(process),
      // systemd starts it again at once, and must not; kubelet takes seconds, and would end it in good order first.
      deed: `${isUnit(process) && stays ? keepAway : ''}
${rememberPids(process, id)}
${signalRemembered('KILL', id)}
${!isUnit(process) && stays ? keepAway : ''}`,
      undo: `${stays || isUnit(process) ? allow : ''}\n${forgetPids(id)}`,
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
