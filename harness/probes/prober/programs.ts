// Which program a series gets.
import { type Ask, onNewConnections, onOneConnection, onSeveralConnections } from './connections.ts';
import { dnsAsk } from './dns.ts';
import { etcdMemberProgram } from './etcd-member.ts';
import type { Outcome, Target } from './exchange.ts';
import { http2TargetOf, onNewSessions, onOneSession } from './http2.ts';
import { ledgerPrograms } from './ledger-programs.ts';
import { readingOf } from './reading.ts';
import { httpRequest } from './request.ts';
import type { SeriesProgram, SeriesSetting } from './series.ts';
import { targetOf } from './target.ts';

/** In the order of the settings; made together, because some share what they know. */
export function programsFor(settings: readonly SeriesSetting[]): readonly SeriesProgram[] {
  const ledger = ledgerPrograms(settings, ledgerAsk);
  return settings.map((setting) => {
    const { task, capability } = setting.definition;
    if (task !== undefined) return ledger.programFor(setting);
    return capability === 'etcd' ? etcdProgram(setting) : asking(plainAsk(setting));
  });
}

function plainAsk(setting: SeriesSetting): (startNs: bigint) => Promise<Outcome> {
  const { kind, httpVersion, connection } = setting.definition;
  if (kind === 'dns') return dnsAsk(setting.definition);
  if (httpVersion === undefined) return askFor(setting);
  const target = http2TargetOf(setting);
  return connection === 'reused' ? onOneSession(target) : onNewSessions(target);
}

function askFor(setting: SeriesSetting, more: Pick<Target, 'keepsBody'> = {}): Ask {
  const target = { ...targetOf(setting), ...more };
  return setting.definition.connection === 'reused' ? onOneConnection(target) : onNewConnections(target);
}

/** A connection for each key: the records of one key follow each other, those of others do not wait for them. */
function ledgerAsk(setting: SeriesSetting): Ask {
  const { definition, config } = setting;
  const target: Target = { ...targetOf(setting), keepsBody: true };
  return definition.connection === 'reused'
    ? onSeveralConnections(target, config.ledger?.keys ?? 1)
    : onNewConnections(target);
}

function etcdProgram(setting: SeriesSetting): SeriesProgram {
  const { definition, say } = setting;
  const { host: authority } = new URL(definition.url);
  const path = '/v3/maintenance/status';
  const request = httpRequest({ method: 'POST', path, authority, connection: 'keep-alive', body: '{}' });
  return etcdMemberProgram({
    host: definition.host ?? definition.name,
    askHealth: askFor(setting, { keepsBody: true }),
    askAccount: onOneConnection({ ...targetOf(setting), request, keepsBody: true }),
    say,
  });
}

/** One request for each tick. */
function asking(ask: (startNs: bigint) => Promise<Outcome>): SeriesProgram {
  return { take: async ({ startNs }) => readingOf(await ask(startNs)) };
}
