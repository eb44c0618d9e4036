// Did the fault take place? Without positive evidence from independent witnesses, a run says nothing.
import type { Check } from '../core/check.ts';
import { faultCourses, type FaultCourse } from '../core/scenario-view.ts';
import { sentences } from '../core/text.ts';

const limit = 'every witness confirms every fault';

export const faultTookEffect: Check = {
  name: 'fault-took-effect',
  question: 'Do independent witnesses confirm that every fault took effect?',
  judge(record) {
    const courses = faultCourses(record);
    if (courses.length === 0 && record.started.faultless === true) {
      const explanation = 'The scenario breaks nothing on purpose, and nothing was broken.';
      return { verdict: 'pass', limit: 'no fault', explanation };
    }
    if (courses.length === 0) {
      return { verdict: 'invalid', limit, explanation: 'The record holds no fault: nothing was broken.' };
    }
    const doubts = courses.flatMap(doubtsAbout);
    if (doubts.length > 0) return { verdict: 'invalid', limit, explanation: sentences(doubts) };
    const witnesses = courses.flatMap(({ evidence }) => evidence);
    const said = witnesses.map(({ witness, detail }) => `${witness}: ${detail}`).join('; ');
    return {
      verdict: 'pass',
      measured: { value: witnesses.length, unit: 'witnesses' },
      limit,
      explanation: `Confirmed by ${said}.`,
    };
  },
};

function doubtsAbout({ prepared, injected, evidence }: FaultCourse): string[] {
  const fault = `${prepared.kind} on ${prepared.target}`;
  if (!injected) return [`${fault} was prepared and never injected`];
  if (evidence.length === 0)
    return [`${fault} was injected, but no witness was asked whether it took effect`];
  return evidence
    .filter(({ holds }) => !holds)
    .map(({ witness, detail }) => `${fault} did not take effect according to ${witness}: ${detail}`);
}
