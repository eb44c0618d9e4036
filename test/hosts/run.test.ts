// The main job as a user does it: from the command line, on a real cluster, also when it is killed in the middle.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../../harness/cluster/cluster.ts';
import { attemptSteadyState } from '../../harness/cluster/steady.ts';
import { followJournal, readRun } from '../../harness/core/journal.ts';
import type { JournalEvent } from '../../harness/core/record.ts';
import { runResultSchema } from '../../harness/core/result.ts';
import { waitFor } from '../../harness/core/wait.ts';
import { runLocal } from '../../harness/hosts/local.ts';
import { providerKind } from '../../harness/providers/index.ts';
import { startHoldfast, type Ended, type Started } from './holdfast-command.ts';

const SCENARIO = 'power-off-vip-holder';
const docker = new Docker();

const state = mkdtempSync(join(tmpdir(), 'holdfast-state-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));

const start = (...words: readonly string[]): Started => startHoldfast(state, ...words);

async function holdfast(...words: readonly string[]): Promise<Ended> {
  return start(...words).ended;
}

/** All that holdfast could leave behind on this machine. */
async function remains(): Promise<readonly string[]> {
  const filters = { label: ['holdfast=lab'] };
  const [containers, networks, volumes, firewall] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters: { dangling: ['true'] } }),
    runLocal(['iptables-save']),
  ]);
  return [
    ...containers.flatMap(({ Names }) => Names),
    ...networks.map(({ Name }) => Name),
    ...volumes.Volumes.map(({ Name }) => Name),
    ...firewall.stdout.split('\n').filter((line) => /holdfast/i.test(line)),
  ];
}

/** What of holdfast is on the machine beyond what was there before: a lab that others left may well be gone with ours. */
async function left(before: readonly string[]): Promise<readonly string[]> {
  return (await remains()).filter((what) => !before.includes(what));
}

describe('a cluster that is up', () => {
  const reports = mkdtempSync(join(tmpdir(), 'holdfast-reports-'));
  const run = ['run', SCENARIO, '--reports', reports, '--json', '--seed', '7'] as const;
  let before: readonly string[];

  const newestJournal = (): string => {
    const newest = readdirSync(reports)
      .filter((name) => /^\d/.test(name))
      .sort()
      .at(-1);
    if (newest === undefined) throw new Error(`${reports} holds no run`);
    return join(reports, newest, 'journal.jsonl');
  };

  /** Starts a run, or whatever is said, and resolves once its fault is in force. */
  const startAndBreak = async (
    ...words: readonly string[]
  ): Promise<ReturnType<typeof start> & { readonly journal: string }> => {
    const known = readdirSync(reports).length;
    const running = words.length > 0 ? start(...words, '--reports', reports) : start(...run);
    await waitFor('a new run folder', { timeoutMs: 30_000 }, () =>
      Promise.resolve(readdirSync(reports).length > known ? { done: undefined } : { missing: 'none yet' }),
    );
    const journal = newestJournal();
    await eventIn(journal, (event) => event.type === 'fault.evidence');
    return { ...running, journal };
  };

  const eventIn = async (journal: string, wanted: (event: JournalEvent) => boolean): Promise<void> => {
    for await (const event of followJournal(journal, { signal: AbortSignal.timeout(120_000) })) {
      if (wanted(event)) return;
    }
    throw new Error(`${journal} never said what was waited for`);
  };

  const powerStates = async (): Promise<readonly string[]> => {
    const { stdout } = await holdfast('status', '--json');
    const { labs } = JSON.parse(stdout) as { labs: { hosts: { power: string }[] }[] };
    return labs.flatMap((lab) => lab.hosts.map((host) => host.power));
  };

  /** What the harness started on hosts to watch, and that must not outlive it. */
  const watchesEnd = async (): Promise<void> => {
    const filters = { label: ['holdfast=lab'] };
    const watches = ['pgrep', '-af', '^(ip .* monitor|tcpdump|node .*prober)'];
    await waitFor('no watch left on any host', { timeoutMs: 20_000 }, async () => {
      const containers = await docker.listContainers({ filters });
      const left = await Promise.all(
        containers.map(async ({ Id }) => {
          const { stdout } = await runLocal(['docker', 'exec', Id, ...watches], { acceptExitCodes: [0, 1] });
          return stdout.trim();
        }),
      );
      const missing = left.filter(Boolean).join('; ');
      return missing === '' ? { done: undefined } : { missing };
    });
  };

  beforeAll(async () => {
    before = await remains();
    const up = await holdfast('up');
    expect(up.exitCode, up.stderr).toBe(0);
  });

  afterAll(async () => {
    await holdfast('down');
    rmSync(reports, { recursive: true });
  });

  test('answers a run with a verdict, its reports, and the cluster as it was', async () => {
    const { exitCode, stdout, stderr } = await holdfast(...run);
    const result = runResultSchema.parse(JSON.parse(stdout));
    const told = JSON.stringify(result.scenarios[0]?.checks, undefined, 2);
    // On a machine that is too busy to measure, the sampler says so; nothing else may be short of a pass.
    const short = result.scenarios.flatMap(({ checks }) =>
      checks.filter(({ verdict }) => verdict !== 'pass'),
    );
    expect(
      short.filter((check) => check.name !== 'enough-samples' || check.verdict !== 'inconclusive'),
      told,
    ).toEqual([]);
    expect(exitCode, stderr).toBe(short.length === 0 ? 0 : 2);
    expect(result.cleanliness).toBe('clean');
    expect(result.scenarios[0]?.vip.moves.map(({ from, to }) => [from, to])).toEqual([
      ['10-10-102-91.master', '10-10-102-92.master'],
      ['10-10-102-92.master', '10-10-102-91.master'],
    ]);
    const folder = join(reports, result.run.id);
    for (const file of [
      'report.html',
      'report.md',
      'junit.xml',
      'result.json',
      'hosts/10-10-102-92.master/keepalived.log',
    ]) {
      expect(existsSync(join(folder, file)), file).toBe(true);
    }
    // What the broken host said before its power was cut is there too.
    const journal = readFileSync(join(folder, 'hosts/10-10-102-91.master/journal.log'), 'utf8');
    expect(journal.match(/systemd-journald\[\d+\]: Journal started/g)?.length).toBeGreaterThan(1);
  });

  test('keeps its secrets: none of them stands in any report, journal or log', async () => {
    // Private keys by their lines, kubeconfigs by their keys, tokens as they are presented.
    const onHosts = `{ cat /etc/kubernetes/pki/*.key /etc/kubernetes/pki/*/*.key /var/lib/kubelet/pki/*.pem |
  sed -n '/BEGIN [A-Z ]*PRIVATE KEY/,/END [A-Z ]*PRIVATE KEY/p'
  sed -n 's/.*\\(client-key-data\\|token\\): //p' /etc/kubernetes/*.conf; } 2>/dev/null | grep -v -- '-----' || true`;
    const tokens =
      'kubectl get secrets -A -o jsonpath=\'{range .items[*]}{.data.token}{"\\n"}{.data.token-secret}{"\\n"}{end}\' | sed \'/^$/d\' | while read -r one; do echo "$one" | base64 -d; echo; done';
    const said = await Promise.all([
      ...['master1', 'master2', 'master3', 'node1', 'node2'].map((host) =>
        holdfast('exec', host, '--', 'sh', '-c', onHosts),
      ),
      holdfast('exec', 'master1', '--', 'sh', '-c', tokens),
    ]);
    const secrets = [...new Set(said.flatMap(({ stdout }) => stdout.split('\n')))].filter(
      (line) => line.length >= 16,
    );
    expect(secrets.length, 'a cluster has dozens of them').toBeGreaterThan(50);
    const files = readdirSync(reports, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    const told = files.filter((file) => {
      const content = readFileSync(file, 'utf8');
      return secrets.some((secret) => content.includes(secret));
    });
    expect(told).toEqual([]);
    expect(files.length).toBeGreaterThan(10);
  });

  test('is steady again by itself after a node with its etcd member and its pods lost power', async () => {
    const provider = await providerKind('containers').open();
    const [descriptor] = await provider.list();
    if (!descriptor) throw new Error('no lab');
    const lab = await provider.attach(descriptor);
    const cluster = await Cluster.attach(lab);
    const power = lab.power('10-10-103-96.node');
    await power.off();
    await power.on();
    // Nobody lends a hand: containerd, etcd, kubelet, routes and the pods' network come up with the host.
    const limit = { timeoutMs: 120_000, intervalMs: 1000 };
    const { findings } = await waitFor('steady state', limit, () => attemptSteadyState(cluster));
    expect(findings).toContain('all etcd members healthy: yes');
    for (const node of ['10.10.103.96', '10.10.103.97']) {
      // Either node's port reaches the pods of both, over the routes of both.
      const url = `http://${node}:31070/api/log/greeting`;
      // The pods' names, as a client gets them.
      const asked = `for i in $(seq 60); do curl -fsS -m 2 ${url}; echo; done | sed 's/.*hostname //' | sort -u | wc -l`;
      await waitFor(`all six pods behind ${node}`, limit, async () => {
        const { stdout } = await lab.observer.run(['sh', '-c', asked]);
        return Number(stdout) === 6 ? { done: undefined } : { missing: `${stdout.trim()} answered` };
      });
    }
    cluster.close();
  });

  test('is healed by a run that is interrupted, which then says so', async () => {
    const { child, ended, journal } = await startAndBreak();
    child.kill('SIGINT');
    const { exitCode, stderr } = await ended;
    expect(exitCode, stderr).toBe(130);
    const events = readRun(journal).events.map((event) => event.type);
    expect(events).toContain('fault.healed');
    expect(events.at(-1)).toBe('run.finished');
    expect(await powerStates()).not.toContain('off');
    await watchesEnd();
  });

  test('heals itself when the run is killed, which leaves a record that can be reported', async () => {
    const { child, ended, journal } = await startAndBreak();
    child.kill('SIGKILL');
    await ended;
    await eventIn(journal, (event) => event.type === 'fault.healed');
    await eventIn(journal, (event) => event.type === 'scenario.finished');
    expect(await powerStates()).not.toContain('off');
    await watchesEnd();
    const { stdout } = await holdfast('report', join(journal, '..'), '--json');
    expect(runResultSchema.parse(JSON.parse(stdout)).verdict).not.toBe('pass');
  });

  test('is healed by hand of a fault by hand whose holdfast was killed, once', async () => {
    const fault = [
      'inject',
      'kill-process',
      'master2',
      '--param',
      'process=kubelet',
      '--param',
      'stays=true',
    ];
    const { child, ended, journal } = await startAndBreak(...fault, '--for', '10m');
    const heal = async (): Promise<{ readonly faults: object[]; readonly hosts: { done: string[] }[] }> => {
      const { exitCode, stdout, stderr } = await holdfast('heal', '--json');
      expect(exitCode, stderr).toBe(0);
      const { labs } = JSON.parse(stdout) as { labs: { faults: object[]; hosts: { done: string[] }[] }[] };
      return labs[0] ?? { faults: [], hosts: [] };
    };
    expect((await holdfast('heal')).exitCode, 'under a living holdfast').toBe(3);
    child.kill('SIGKILL');
    await ended;
    const { faults, hosts } = await heal();
    expect(faults).toMatchObject([{ kind: 'kill-process', target: '10-10-102-92.master' }]);
    expect(hosts.flatMap(({ done }) => done)).toEqual([expect.stringMatching(/^undid kill-process-/)]);
    const active = await holdfast('exec', 'master2', '--', 'systemctl', 'is-active', 'kubelet');
    expect(active.stdout.trim()).toMatch(/^(active|activating)$/);
    expect(readRun(journal).events.at(-1)).toMatchObject({ type: 'fault.healed', by: 'harness' });
    const again = await heal();
    expect([again.faults, again.hosts.flatMap(({ done }) => done)]).toEqual([[], []]);
  });

  test('is left alone by a fault that cannot be meant', async () => {
    const known = readdirSync(reports);
    const nonsense = [
      ['kill-proces', 'master2'],
      ['kill-process', 'master9', '--param', 'process=kubelet'],
      ['kill-process', 'master2'],
      ['kill-process', 'master2', '--param', 'process=kubelet', '--param', 'colour=red'],
      ['partition', 'master2'],
    ];
    for (const words of nonsense) {
      const { exitCode, stderr } = await holdfast('inject', ...words, '--for', '1s', '--reports', reports);
      expect(exitCode, stderr).toBe(3);
    }
    expect(readdirSync(reports)).toEqual(known);
  });

  test('goes without a trace', async () => {
    const down = await holdfast('down');
    expect(down.exitCode, down.stderr).toBe(0);
    expect(await left(before)).toEqual([]);
  });
});

test('a cluster whose maker is killed half-way is removed from another process', async () => {
  const before = await remains();
  const { child, ended } = start('up');
  await waitFor('hosts of a half-made cluster', { timeoutMs: 120_000 }, async () => {
    const containers = await docker.listContainers({ all: true, filters: { label: ['holdfast=lab'] } });
    return containers.length > 3 ? { done: undefined } : { missing: `${containers.length} containers` };
  });
  child.kill('SIGKILL');
  await ended;
  expect((await holdfast('down')).exitCode).toBe(0);
  expect(await left(before)).toEqual([]);
});
