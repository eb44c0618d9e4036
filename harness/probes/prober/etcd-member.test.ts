// An etcd member, whose answers are etcd 3.4's own, scripted.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SeenLine } from '../protocol.ts';
import { programsFor } from './programs.ts';
import type { Reading, SeriesProgram } from './series.ts';
import { tlsMaterial } from './tls-material.ts';

const MEMBER = '5917243233723080995';
const OTHER = '13739691515156219947';

describe('an etcd member', () => {
  it('is healthy as long as it says so', async () => {
    const { take, member } = await started();
    expect(await take()).not.toHaveProperty('f', 'status');
    member.health = [503, '{"health":"false"}'];
    expect(await take()).toMatchObject({ f: 'status', s: 503 });
    member.health = [200, '{"health":"false"}'];
    expect(await take()).toMatchObject({ f: 'status', s: 200, m: '{"health":"false"}' });
    member.health = [200, '{"health":"true"}'];
    expect((await take()).f).toBeUndefined();
  });

  it('tells whom it takes for the leader in which term, at first and when that changes', async () => {
    const { take, member, seen, program } = await started();
    await program.warmUp?.();
    const account = { type: 'etcd.member', host: 'e1', memberId: MEMBER, leaderId: OTHER, term: 2 };
    expect(seen).toEqual([account]);
    await take();
    member.status = statusOf(OTHER, 3);
    await program.warmUp?.();
    expect(seen).toEqual([account, { ...account, term: 3 }]);
    await program.warmUp?.();
    expect(seen).toHaveLength(2);
    expect(member.asked).toEqual(new Set(['{}']));
  });

  it.each(['0', undefined])('without a leader (%s) tells that', async (leader) => {
    const { member, seen, program } = await started();
    await program.warmUp?.();
    member.status = statusOf(leader, 4);
    await program.warmUp?.();
    expect(seen.at(-1)).toEqual({ type: 'etcd.member', host: 'e1', memberId: MEMBER, term: 4 });
  });

  it('that gives no account is not spoken for', async () => {
    const { member, seen, program, take } = await started();
    for (const status of ['404 page not found', '{"header":{}}', '{"raftTerm":"2"}', 'null', '{']) {
      member.status = status;
      await program.warmUp?.();
    }
    expect(seen).toEqual([]);
    expect((await take()).f).toBeUndefined();
  });

  it('is asked for its account about once a second, however often for its health', async () => {
    const { member, take } = await started();
    for (let tick = 0; tick < 20; tick += 1) await take();
    expect(member.accounts).toBe(1);
  });
});

interface Member {
  health: readonly [number, string];
  status: string;
  accounts: number;
  readonly asked: Set<string>;
}

async function started(): Promise<{
  member: Member;
  seen: SeenLine['seen'][];
  program: SeriesProgram;
  take: () => Promise<Reading>;
}> {
  const member: Member = {
    health: [200, '{"health":"true"}'],
    status: statusOf(OTHER, 2),
    accounts: 0,
    asked: new Set(),
  };
  const server = await serve(member);
  const seen: SeenLine['seen'][] = [];
  const definition = {
    name: 'etcd-e1',
    kind: 'http',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`,
    connection: 'reused',
    intervalMs: 500,
    timeoutMs: 1000,
    capability: 'etcd',
    host: 'e1',
  } as const;
  const config = { probes: [definition], noiseWindowMs: 1000, maxDurationMs: 10_000 };
  const say = (one: SeenLine['seen']): void => void seen.push(one);
  const [program] = programsFor([{ definition, config, tls: tlsMaterial(config), say }]);
  if (!program) throw new Error('no program');
  const take = (): Promise<Reading> =>
    program.take({ startNs: process.hrtime.bigint(), lateMs: 0, lost: 0 }) as Promise<Reading>;
  return { member, seen, program, take };
}

async function serve(member: Member): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/health') {
      const [status, body] = member.health;
      response.writeHead(status).end(body);
      return;
    }
    member.accounts += 1;
    void text(request).then((body) => {
      member.asked.add(body);
      response.end(member.status);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

/** As the member's gRPC gateway writes it. */
function statusOf(leader: string | undefined, term: number): string {
  const header = {
    cluster_id: '7824519846171090418',
    member_id: MEMBER,
    revision: '2117',
    raft_term: `${term}`,
  };
  return JSON.stringify({ header, version: '3.4.23', dbSize: '3334144', leader, raftTerm: `${term}` });
}
