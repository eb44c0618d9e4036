// Did all come about that the scenario demanded in its course? What was demanded, and what was found, is on record.
import type { Check } from '../core/check.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import { count, ms, sentences } from '../core/text.ts';

const limit = 'every demand kept, each within its own time';

export const demandsKept: Check = {
  name: 'demands-kept',
  question: 'Did all come about, in time, that the scenario demanded in its course?',
  judge(record) {
    const demands = eventsOfType(record.events, 'demand');
    if (demands.length === 0) {
      const explanation = 'The scenario demanded nothing, or did not come to it.';
      return { verdict: 'invalid', limit, explanation };
    }
    const broken = demands.filter(({ kept }) => !kept);
    const measured = { value: demands.length - broken.length, unit: `of ${count(demands.length, 'demand')}` };
    if (broken.length > 0) {
      const told = broken.map(
        ({ what, found, limitMs }) =>
          `${what}: not ${limitMs === undefined ? 'so' : `within ${ms(limitMs)}`}, ${found}`,
      );
      return { verdict: 'fail', measured, limit, explanation: sentences(told) };
    }
    const kept = demands.map(({ what, atMs, fromMs, limitMs }) =>
      limitMs === undefined ? what : `${what} after ${ms(atMs - fromMs)}`,
    );
    return { verdict: 'pass', measured, limit, explanation: `${kept.join('; ')}.` };
  },
};
