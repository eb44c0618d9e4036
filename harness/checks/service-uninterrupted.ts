// Was every single request to the workload answered? A rolling update that loses one is none.
import type { Check } from '../core/check.ts';
import type { Sample, ScenarioRecord } from '../core/record.ts';
import { seriesOf, type Series } from '../core/scenario-view.ts';
import { count, sentences } from '../core/text.ts';
import { troubledControls } from './noise-doubts.ts';

const limit = '0 failed requests';

export const serviceUninterrupted: Check = {
  name: 'service-uninterrupted',
  question: "Was every request to the workload answered, on every node's port and from inside the pods?",
  needs: ['workload'],
  judge(record) {
    const asked = seriesOf(record).filter(({ definition }) => definition.capability === 'service');
    const samples = asked.reduce((sum, series) => sum + series.samples.length, 0);
    if (samples === 0) {
      return { verdict: 'invalid', limit, explanation: 'Nobody asked the workload anything.' };
    }
    const failing = asked.filter((series) => failuresOf(series).length > 0);
    const failures = failing.flatMap(failuresOf);
    const measured = { value: failures.length, unit: `failed of ${count(samples, 'request')}` };
    if (failures.length === 0) {
      const explanation = `All ${samples} requests of ${asked.length} series were answered.`;
      return { verdict: 'pass', measured, limit, explanation };
    }
    const isDoubtful = failing.every((series) => isExplainedByNoise(record, series));
    const doubt = isDoubtful ? ['Each time the control series had trouble of its own'] : [];
    const explanation = sentences([...doubt, ...failing.map(inWords)]);
    return { verdict: isDoubtful ? 'inconclusive' : 'fail', measured, limit, explanation };
  },
};

function failuresOf({ samples }: Series): readonly Sample[] {
  return samples.filter(({ ok }) => !ok);
}

function inWords(series: Series): string {
  const failures = failuresOf(series);
  const [first] = failures;
  const why = first?.detail ?? first?.failure ?? 'no reason given';
  return `${series.definition.name} failed ${count(failures.length, 'time')}, at first with: ${why}`;
}

function isExplainedByNoise(record: ScenarioRecord, series: Series): boolean {
  const troubled = troubledControls(record, series.definition.from);
  return failuresOf(series).every(({ atMs, durationMs }) =>
    troubled.some(
      (control) => control.atMs <= atMs + durationMs && control.atMs + control.durationMs >= atMs,
    ),
  );
}
