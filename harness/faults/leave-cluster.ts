// A host leaves the Kubernetes cluster: its kubelet is stopped and has lost what it was known by. Undone by giving it back,
// unless the host has joined anew meanwhile.
import type { Host } from '../core/host.ts';
import { onHosts } from './on-host.ts';
import { startUnit } from './processes.ts';

const IDENTITY = ['/etc/kubernetes/kubelet.conf', '/etc/kubernetes/pki/ca.crt', '/var/lib/kubelet/pki'];
const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';

/** Who did not install a host does not know where its kubelet keeps what it is known by. */
async function missingIdentity(host: Host): Promise<string | undefined> {
  const script = `for path in ${IDENTITY.join(' ')}; do [ -e $path ] || echo $path; done`;
  const { stdout } = await host.run(['sh', '-c', script], { timeoutMs: 10_000 });
  return stdout === '' ? undefined : `${host.name} has no ${stdout.trim().replaceAll('\n', ', ')}`;
}

export const leaveCluster = onHosts({
  name: 'leave-cluster',
  summary:
    'Stops kubelet and takes its credentials away: the host is no member any more until it joins anew.',
  effect: ({ targets }) => ({
    // It is back as soon as the host has joined.
    processesDown: targets.map((host) => ({ host, process: 'kubelet', how: 'stopped', comesBack: true })),
  }),
  unavailable: async ({ topology, targets, lab }) => {
    const master = topology.hosts.find(
      ({ name, roles }) => targets.includes(name) && roles.includes('master'),
    );
    if (master) return `${master.name} is a master: its certificates are more than a kubelet's`;
    if (!topology.found) return undefined;
    const missing = await Promise.all(targets.map((target) => missingIdentity(lab.host(target))));
    return missing.find((reason) => reason !== undefined);
  },
  deeds: ({ targets, id }) => {
    const kept = `/var/lib/holdfast/undo/${id}.identity`;
    return targets.map((host) => ({
      host,
      deed: `systemctl stop kubelet
mkdir -p ${kept}
for path in ${IDENTITY.join(' ')}; do mv $path ${kept}/$(basename $path); done`,
      undo: `if [ -d ${kept} ]; then
  if [ ! -e ${KUBELET_CONF} ]; then
    systemctl stop --no-block kubelet
    for path in ${IDENTITY.join(' ')}; do
      [ ! -e ${kept}/$(basename $path) ] || { rm -rf $path; mv ${kept}/$(basename $path) $path; }
    done
  fi
  rm -rf ${kept}
fi
${startUnit('kubelet')}`,
    }));
  },
  evidence: async ({ lab, targets }) =>
    Promise.all(
      targets.map(async (target) => {
        const script = `systemctl is-active kubelet; [ -e ${KUBELET_CONF} ] && echo kept || echo gone`;
        const { stdout } = await lab.host(target).run(['sh', '-c', script], { timeoutMs: 10_000 });
        const [state = '', identity = ''] = stdout.trim().split('\n');
        return {
          witness: `systemd and disk of ${target}`,
          holds: state !== 'active' && identity === 'gone',
          detail: `kubelet is ${state}, its credentials are ${identity}`,
        };
      }),
    ),
});
