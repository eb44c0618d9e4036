// The one address under which a found cluster's API is asked, and who moves it.
import { UsageError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { VrrpInstance } from '../../core/record.ts';
import type { FoundCluster } from '../../core/topology.ts';
import { parseKeepalivedConf } from '../../oracle/keepalived-conf.ts';
import { podRunning, staticPods } from './manifests.ts';
import type { HostSurvey } from './survey.ts';

export interface FoundVip {
  readonly address: string;
  readonly prefixLength: number;
  readonly port: number;
  readonly facts: FoundCluster['vip'];
  /** One a master where keepalived moves it; none otherwise. */
  readonly instances: readonly VrrpInstance[];
}

/**
 * @param server the URL that clients use @param master where its name is known, if it is one
 * @throws UsageError where it leads each host to itself
 */
export async function findVip(
  server: string,
  surveys: readonly HostSurvey[],
  master: Host,
): Promise<FoundVip> {
  const url = new URL(server);
  const address = await addressOf(url.hostname, master);
  const port = Number(url.port || 443);
  if (address.startsWith('127.')) {
    throw new UsageError(
      `${master.name}: /etc/kubernetes/admin.conf leads to ${server}, which is each host’s own`,
      {
        hint: 'say in the inventory where clients ask for the API: endpoint: 10.0.0.10:6443',
      },
    );
  }
  const carried = surveys.flatMap((survey) => instancesOn(survey, address));
  const [first] = carried;
  if (!first) return { address, prefixLength: 32, port, facts: { by: 'other' }, instances: [] };
  const own = first.instance.virtualAddresses.find((one) => one.split('/')[0] === address);
  const survey = surveys.find(({ name }) => name === first.instance.host);
  const isPod =
    survey && podRunning(staticPods(survey.manifests), 'keepalived') && !survey.units.includes('keepalived');
  return {
    address,
    prefixLength: Number(own?.split('/')[1] ?? 32),
    port,
    facts: { by: 'keepalived', supervisor: isPod ? 'static-pod' : 'systemd', conf: first.file },
    instances: carried.map(({ instance }) => instance),
  };
}

function instancesOn(
  { name, addresses, keepalivedConfs }: HostSurvey,
  vip: string,
): readonly { readonly instance: VrrpInstance; readonly file: string }[] {
  const [own = ''] = addresses;
  return Object.entries(keepalivedConfs).flatMap(([file, text]) =>
    parseKeepalivedConf(text, { host: name, address: own.split('/')[0] ?? '', file })
      .filter(({ virtualAddresses }) => virtualAddresses.some((one) => one.split('/')[0] === vip))
      .map((instance) => ({ instance, file })),
  );
}

async function addressOf(hostname: string, host: Host): Promise<string> {
  if (/^[\d.]+$/.test(hostname)) return hostname;
  const { stdout } = await host.run(['getent', 'ahostsv4', hostname], { timeoutMs: 10_000 });
  return stdout.trim().split(/\s+/)[0] ?? hostname;
}
