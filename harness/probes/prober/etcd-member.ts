// An etcd member: whether it calls itself healthy, and whom it takes for the leader in which term.
import type { SeenLine } from '../protocol.ts';
import type { Ask } from './connections.ts';
import type { Outcome } from './exchange.ts';
import { readingOf } from './reading.ts';
import type { SeriesProgram, Say } from './series.ts';
import { msSince } from './exchange.ts';

/** Between two questions for the member's own account, at least. */
const ACCOUNT_INTERVAL_MS = 1000;

export interface EtcdMemberOptions {
  readonly host: string;
  /** GET /health; outcomes keep the body. */
  readonly askHealth: Ask;
  /** POST /v3/maintenance/status on a connection of its own; outcomes keep the body. */
  readonly askAccount: Ask;
  readonly say: Say;
}

type Account = Omit<Extract<SeenLine['seen'], { type: 'etcd.member' }>, 'type' | 'host'>;

/**
 * A sample is a member's own health check, which asks its store with quorum. Beside it the member's account is asked for
 * about once a second and told when it changed: a member without a leader still gives it.
 */
export function etcdMemberProgram({ host, askHealth, askAccount, say }: EtcdMemberOptions): SeriesProgram {
  let told: Account | undefined;
  let askedNs: bigint | undefined;

  const account = async (): Promise<void> => {
    const startNs = process.hrtime.bigint();
    askedNs = startNs;
    const { failure, body } = await askAccount(startNs);
    const next = failure === undefined ? accountIn(body ?? '') : undefined;
    if (!next || (told && isSame(told, next))) return;
    told = next;
    say({ type: 'etcd.member', host, ...next });
  };

  return {
    take: async ({ startNs }) => {
      if (askedNs === undefined || msSince(askedNs) >= ACCOUNT_INTERVAL_MS) void account();
      const outcome = await askHealth(startNs);
      return { ...readingOf(outcome), ...sickness(outcome) };
    },
    warmUp: () => Promise.all([askHealth(process.hrtime.bigint()), account()]),
  };
}

/** etcd answers 503 when it is not healthy; the body of a 200 is believed all the same when it says otherwise. */
function sickness({ failure, body = '' }: Outcome): { f?: 'status'; s?: number; m?: string } {
  if (failure !== undefined || /"health": ?"?true"?/.test(body)) return {};
  return { f: 'status', s: 200, m: body.slice(0, 200) };
}

/**
 * As etcd's gRPC gateway gives it (etcdserverpb.StatusResponse): 64-bit numbers as strings, leader "0" or left out where
 * there is none. undefined for anything else.
 */
function accountIn(body: string): Account | undefined {
  try {
    const { header, leader, raftTerm } = JSON.parse(body) as StatusResponse;
    const memberId = header?.member_id;
    const term = Number(raftTerm ?? header?.raft_term);
    if (memberId === undefined || !Number.isInteger(term)) return undefined;
    return { memberId, term, ...(leader !== undefined && leader !== '0' && { leaderId: leader }) };
  } catch {
    return undefined;
  }
}

interface StatusResponse {
  readonly header?: { readonly member_id?: string; readonly raft_term?: string };
  readonly leader?: string;
  readonly raftTerm?: string;
}

function isSame(one: Account, other: Account): boolean {
  return one.memberId === other.memberId && one.leaderId === other.leaderId && one.term === other.term;
}
