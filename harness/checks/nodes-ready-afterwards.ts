// Is the cluster whole again once the broken host is back? Every node Ready, and the steady state proven.
import type { Check } from '../core/check.ts';
import type { ScenarioRecord } from '../core/record.ts';
import { eventsOfType, faultCourses } from '../core/scenario-view.ts';
import { count, ms } from '../core/text.ts';

export const nodesReadyAfterwards: Check = {
  name: 'nodes-ready-afterwards',
  question: 'Are all nodes Ready, and the cluster steady, after the broken host is back?',
  judge(record) {
    const expected = clusterNodes(record);
    const limit = `all ${expected.length} nodes Ready, steady state afterwards`;
    const healedMs = healedAtMs(record);
    if (healedMs === undefined) {
      return { verdict: 'inconclusive', limit, explanation: 'The fault was never healed within the record.' };
    }
    const seen = eventsOfType(record.events, 'nodes').filter(({ atMs }) => atMs >= healedMs);
    const last = seen.at(-1);
    if (!last) {
      return { verdict: 'inconclusive', limit, explanation: 'Nobody looked at the nodes after the healing.' };
    }
    const missing = expected.filter((node) => !last.ready.includes(node));
    const measured = {
      value: expected.length - missing.length,
      unit: `of ${count(expected.length, 'node')}`,
    };
    if (missing.length > 0) {
      const explanation = `Not Ready ${ms(last.atMs - healedMs)} after the healing: ${missing.join(', ')}.`;
      return { verdict: record.finished ? 'fail' : 'inconclusive', measured, limit, explanation };
    }
    const steady = eventsOfType(record.events, 'steady').findLast(({ when }) => when === 'after');
    if (!steady) {
      const explanation = 'All nodes are Ready, but nobody asked for the steady state afterwards.';
      return { verdict: 'inconclusive', measured, limit, explanation };
    }
    if (!steady.ok) {
      const explanation = `All nodes are Ready, but the cluster is not steady: ${steady.findings.join('; ')}.`;
      return { verdict: 'fail', measured, limit, explanation };
    }
    const first = seen.find(({ ready }) => expected.every((node) => ready.includes(node))) ?? last;
    const explanation = `All were Ready ${ms(first.atMs - healedMs)} after the healing. Found then: ${steady.findings.join('; ')}.`;
    return { verdict: 'pass', measured, limit, explanation };
  },
};

function clusterNodes({ run }: ScenarioRecord): string[] {
  return run.topology.hosts
    .filter(({ roles }) => roles.includes('master') || roles.includes('node'))
    .map(({ name }) => name);
}

/** When the last fault was healed; undefined while one stands. */
function healedAtMs(record: ScenarioRecord): number | undefined {
  const courses = faultCourses(record);
  const healed = courses.flatMap((course) => course.healed ?? []);
  if (courses.length === 0 && record.started.faultless === true) return record.started.atMs;
  if (courses.length === 0 || healed.length < courses.length) return undefined;
  return Math.max(...healed.map(({ atMs }) => atMs));
}
