import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { goodRun } from '../../fixtures/runs/good-run.ts';
import { judgeRun } from '../checks/judge.ts';
import { parseRun } from '../core/journal.ts';
import type { JournalEvent } from '../core/record.ts';
import type { RunResultFile } from '../core/result.ts';
import { changesBetween } from './judge-changes.ts';
import { registerJudge } from './judge.ts';

const ID = '20260131-062720-9f3a';
const SCENARIO = 'power-off-vip-holder #1';

function judged(events: readonly JournalEvent[]): RunResultFile {
  return judgeRun(parseRun(journalOf(events), 'test'));
}

function journalOf(events: readonly JournalEvent[]): string {
  return `${events.map((event) => JSON.stringify(event)).join('\n')}\n`;
}

const good = judged(goodRun());

/** The one scenario of the good run, with something else in it. */
function withScenario(change: Partial<RunResultFile['scenarios'][number]>): RunResultFile {
  return { ...good, scenarios: good.scenarios.map((scenario) => ({ ...scenario, ...change })) };
}

describe('between two judgements', () => {
  const [scenario] = good.scenarios;
  const checks = scenario?.checks ?? [];
  const [first] = checks;

  it('of one record by the same checks nothing changes', () => {
    expect(changesBetween(good, judged(goodRun()))).toEqual([]);
  });

  it('a verdict that changed is told, of the run and of the check', () => {
    const failed = checks.map((check) => (check === first ? { ...check, verdict: 'fail' as const } : check));
    const before = { ...withScenario({ verdict: 'fail', checks: failed }), verdict: 'fail' as const };
    const changes = changesBetween(before, good);
    expect(changes.map(({ scenario: of, what }) => [of, what])).toEqual([
      [undefined, 'verdict'],
      [SCENARIO, 'verdict'],
      [SCENARIO, `check ${first?.name}`],
    ]);
    expect(changes[2]?.before).toMatch(/^fail/);
    expect(changes[2]?.after).toMatch(/^pass/);
  });

  it('a check that is new has no before, and one that is gone no after', () => {
    const fewer = withScenario({ checks: checks.slice(1) });
    expect(changesBetween(fewer, good)).toMatchObject([{ what: `check ${first?.name}` }]);
    expect(changesBetween(fewer, good)[0]).not.toHaveProperty('before');
    expect(changesBetween(good, fewer)[0]).not.toHaveProperty('after');
  });

  it('bounds that differ by a millisecond are told, and less is not', () => {
    const longerBy = (byMs: number): RunResultFile =>
      withScenario({
        outages: scenario?.outages.map((outage) => ({ ...outage, lowerMs: outage.lowerMs + byMs })) ?? [],
      });
    expect(changesBetween(longerBy(1), good).map(({ what }) => what)).toContain('outages of api-vip-new');
    expect(changesBetween(longerBy(0.01), good)).toEqual([]);
  });

  it('another holder of the VIP, another share and another term that overran are told', () => {
    const before = withScenario({
      vip: { moves: [], noHolderMs: 0, dualHolderMs: 5 },
      probes: scenario?.probes.map((probe) => ({ ...probe, available: { lower: 0.5, upper: 0.6 } })) ?? [],
      decomposition: { terms: [], overrun: 'gratuitous ARP on the wire' },
    });
    const told = changesBetween(before, good).map(({ what }) => what);
    expect(told).toEqual(
      expect.arrayContaining([
        'moves of the VIP',
        'VIP without holder',
        'VIP with two holders',
        'availability of api-vip-new',
        'term that overran',
      ]),
    );
  });

  it('a scenario that only one of them holds is told', () => {
    const none = { ...good, scenarios: [] };
    expect(changesBetween(none, good)).toContainEqual({ scenario: SCENARIO, what: 'verdict', after: 'pass' });
    expect(changesBetween(good, none)).toContainEqual({
      scenario: SCENARIO,
      what: 'verdict',
      before: 'pass',
    });
  });
});

describe('holdfast judge', () => {
  afterEach(() => {
    process.exitCode = undefined;
  });

  it('says that nothing changed and writes nothing', async () => {
    const reports = runFolder({ 'result.json': JSON.stringify(good) });
    const { text, exitCode } = await judge(reports);
    expect(text).toBe(`verdict: ${good.verdict}\nnothing changed\n`);
    expect(exitCode).toBe(0);
    expect(readdirSync(join(reports, ID)).toSorted()).toEqual(['journal.jsonl', 'result.json']);
  });

  it('says what changed, and ends by the new verdict', async () => {
    const events = goodRun().filter((event) => event.type !== 'fault.evidence');
    const reports = runFolder({
      'journal.jsonl': journalOf(events),
      'result.json': JSON.stringify(good),
    });
    const { text, exitCode } = await judge(reports);
    expect(text).toMatch(/^verdict: invalid\n\d+ changes:\nthe run\n {2}verdict: pass → invalid\n/);
    expect(text).toContain(`${SCENARIO}\n  verdict: pass → invalid\n`);
    expect(exitCode).toBe(2);
  });

  it.each([
    ['is missing', {}, 'does not exist'],
    ['is cut off', { 'result.json': '{"schemaVersion":1,' }, 'cannot be read'],
    ['is something else', { 'result.json': '{"schemaVersion":7}' }, 'is no result: schemaVersion'],
  ])('judges all the same when result.json %s', async (_, files: Record<string, string>, why) => {
    const { text, exitCode } = await judge(runFolder(files));
    expect(text).toMatch(new RegExp(`There is nothing to compare with: .*result.json ${why}`));
    expect(text).toContain(`${SCENARIO}: pass\n  scenario-completed: pass\n`);
    expect(exitCode).toBe(0);
  });

  it('gives scripts the new verdict and the changes, or why there are none', async () => {
    const reports = runFolder({ 'result.json': JSON.stringify(withScenario({ verdict: 'fail' })) });
    expect(JSON.parse((await judge(reports, '--json')).text)).toMatchObject({
      run: ID,
      verdict: 'pass',
      before: { verdict: 'pass' },
      changes: [{ scenario: SCENARIO, what: 'verdict', before: 'fail', after: 'pass' }],
      written: [],
    });
    const alone = JSON.parse((await judge(runFolder({}), '--json')).text) as object;
    expect(alone).toMatchObject({
      changes: [],
      uncompared: expect.stringContaining('does not exist') as string,
    });
    expect(alone).not.toHaveProperty('before');
  });

  it('writes the new reports over the old ones when told to', async () => {
    const reports = runFolder({ 'result.json': '{}' });
    const { text } = await judge(reports, '--write');
    const path = join(reports, ID, 'result.json');
    expect(text).toContain(path);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ verdict: 'pass' });
    expect(readdirSync(join(reports, ID))).toContain('report.md');
  });

  it('says how many lines of the journal could not be read', async () => {
    const reports = runFolder({ 'journal.jsonl': `${journalOf(goodRun())}{"type":"sam` });
    expect((await judge(reports)).text).toContain('1 line of the journal could not be read');
  });

  it('refuses what is no run, as a wrong use', async () => {
    await expect(judge(runFolder({ 'journal.jsonl': 'nothing\n' }))).rejects.toMatchObject({ exitCode: 3 });
    await expect(judge('/nowhere')).rejects.toMatchObject({ exitCode: 3 });
  });
});

/** A folder of runs with the good run in it. */
function runFolder(files: Readonly<Record<string, string>>): string {
  const reports = realpathSync(mkdtempSync(join(tmpdir(), 'judge-')));
  onTestFinished(() => rmSync(reports, { recursive: true }));
  mkdirSync(join(reports, ID));
  for (const [name, text] of Object.entries({ 'journal.jsonl': journalOf(goodRun()), ...files })) {
    writeFileSync(join(reports, ID, name), text);
  }
  return reports;
}

/** What the command prints, and the exit code that it leaves. */
async function judge(reports: string, ...flags: string[]): Promise<{ text: string; exitCode: unknown }> {
  const program = new Command().exitOverride();
  registerJudge(program);
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await program.parseAsync(['node', 'holdfast', 'judge', ID, '--reports', reports, ...flags]);
  } finally {
    write.mockRestore();
  }
  return { text, exitCode: process.exitCode };
}
