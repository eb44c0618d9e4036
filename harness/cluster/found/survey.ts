// What is on one host of a cluster that somebody else built: read only, in one go.
import { asError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';

export interface HostSurvey {
  /** As the inventory calls it. */
  readonly name: string;
  readonly hostname: string;
  readonly isRoot: boolean;
  readonly isContainer: boolean;
  /** With the length of their prefixes: "10.0.0.11/24". */
  readonly addresses: readonly string[];
  /** Active units, without ".service". */
  readonly units: readonly string[];
  /** Of PROGRAMS, those that are not there. */
  readonly missing: readonly string[];
  /** Path → text of each static pod's manifest. */
  readonly manifests: Readonly<Record<string, string>>;
  /** Text of /etc/kubernetes/admin.conf without its credentials: only the server's URL is kept. */
  readonly server?: string;
  /** Path → text of the keepalived.conf files there are. */
  readonly keepalivedConfs: Readonly<Record<string, string>>;
  /** The kubelet's command line. */
  readonly kubelet: string;
  /** Whether a timer can undo a fault there whatever becomes of the harness. */
  readonly hasTimers: boolean;
}

export interface UnreachedHost {
  readonly name: string;
  readonly error: Error;
}

const TIMEOUT_MS = 30_000;

/** What faults and watches run on hosts; each is asked after once more where it is used. */
const PROGRAMS = [
  'ip',
  'iptables',
  'tc',
  'arping',
  'arptables',
  'tcpdump',
  'conntrack',
  'curl',
  'pgrep',
  'flock',
  'systemd-run',
];

/** "@@ name" begins a section. A keepalived.conf is looked for where its unit or its manifest says. */
const SCRIPT = `
section() { echo "@@ $1"; }
section hostname; uname -n
section root; id -u
section container; systemd-detect-virt --container || true
section addresses; ip -4 -oneline address show scope global | awk '{ print $4 }'
section units
for unit in kubelet containerd docker crio keepalived etcd haproxy; do
  systemctl is-active --quiet $unit && echo $unit; done
section missing
for program in ${PROGRAMS.join(' ')}; do command -v $program > /dev/null || echo $program; done
for manifest in /etc/kubernetes/manifests/*.yaml /etc/kubernetes/manifests/*.json; do
  [ ! -r "$manifest" ] || { section "manifest $manifest"; cat "$manifest"; echo; }; done
section server; sed -n 's/^ *server: *//p' /etc/kubernetes/admin.conf 2> /dev/null
confs="/etc/keepalived/keepalived.conf $(cat /etc/kubernetes/manifests/* 2> /dev/null | grep -o '/[^ "]*keepalived[^ "]*' | sort -u)"
confs="$confs $(systemctl show -p ExecStart keepalived 2> /dev/null | grep -oE '(-f|--use-file)[ =][^ ;]+' | sed 's/^[^ =]*[ =]//')"
for conf in $(for one in $confs; do if [ -d "$one" ]; then ls "$one"/*.conf 2> /dev/null; elif [ -f "$one" ]; then echo "$one"; fi; done | sort -u); do
  ! grep -q vrrp_instance "$conf" 2> /dev/null || { section "keepalived $conf"; cat "$conf"; echo; }; done
section kubelet; pid=$(pgrep -x kubelet | head -n 1); [ -z "$pid" ] || { tr '\\0' ' ' < /proc/$pid/cmdline; echo; }
section timers; systemctl is-system-running --quiet || true; systemctl list-timers > /dev/null 2>&1 && echo yes
`;

/** @returns why a host could not be asked, instead of throwing: all are told of at once */
export async function surveyHost(host: Host): Promise<HostSurvey | UnreachedHost> {
  try {
    const { stdout } = await host.run(['sh', '-s'], { stdin: SCRIPT, timeoutMs: TIMEOUT_MS });
    return readSurvey(host.name, stdout);
  } catch (thrown) {
    return { name: host.name, error: asError(thrown) };
  }
}

export function readSurvey(name: string, text: string): HostSurvey {
  const sections = new Map<string, string>();
  for (const section of text.split(/^@@ /m).slice(1)) {
    const end = section.indexOf('\n');
    sections.set(section.slice(0, end), section.slice(end + 1));
  }
  const lines = (key: string): string[] =>
    (sections.get(key) ?? '').split('\n').filter((line) => line !== '');
  const files = (kind: string): Record<string, string> =>
    Object.fromEntries(
      [...sections].flatMap(([key, content]) =>
        key.startsWith(`${kind} `) ? [[key.slice(kind.length + 1), content]] : [],
      ),
    );
  const [server] = lines('server');
  return {
    name,
    hostname: lines('hostname')[0] ?? '',
    isRoot: lines('root')[0] === '0',
    isContainer: (lines('container')[0] ?? 'none') !== 'none',
    addresses: lines('addresses'),
    units: lines('units'),
    missing: lines('missing'),
    manifests: files('manifest'),
    ...(server !== undefined && { server }),
    keepalivedConfs: files('keepalived'),
    kubelet: lines('kubelet')[0] ?? '',
    hasTimers: lines('timers')[0] === 'yes',
  };
}
