// Did the experiment run to its end? The judge asks this of every scenario, named or not.
import type { Check } from '../core/check.ts';

const limit = 'the scenario ran to its end';

export const scenarioCompleted: Check = {
  name: 'scenario-completed',
  question: 'Did the scenario run to its end?',
  judge({ finished, events, started }) {
    if (!finished) {
      const last = events.at(-1) ?? started;
      const explanation = `The record ends inside the scenario, after ${last.type}: it was cut off.`;
      return { verdict: 'inconclusive', limit, explanation };
    }
    if (finished.unavailable !== undefined) {
      const explanation = `It cannot be done on this cluster: ${finished.unavailable}`;
      return { verdict: 'invalid', limit, explanation };
    }
    if (finished.error !== undefined) {
      return { verdict: 'invalid', limit, explanation: `The scenario broke off: ${finished.error}` };
    }
    return { verdict: 'pass', limit, explanation: 'Every step of the scenario was done.' };
  },
};
