// Does exactly one host hold the VIP in the end? Two answer for the same address, none answers at all.
import type { Check } from '../core/check.ts';
import { ms } from '../core/text.ts';
import { vipTimelineOf } from './failover.ts';

const limit = 'exactly one holder at the end';

export const oneHolderAfterwards: Check = {
  name: 'one-holder-afterwards',
  question: 'Does exactly one host hold the VIP in the end?',
  judge(record) {
    const timeline = vipTimelineOf(record);
    const last = timeline.stretches.at(-1);
    if (!last) {
      return { verdict: 'inconclusive', limit, explanation: 'No address of any master was ever watched.' };
    }
    const { holders, unwatched } = last;
    const measured = { value: holders.length, unit: holders.length === 1 ? 'holder' : 'holders' };
    const onTheWay = `On the way two held it for ${ms(timeline.dualHolderMs)}, none for ${ms(timeline.noHolderMs)}.`;
    if (!record.finished) {
      const explanation = `The record ends before the end of the scenario. ${onTheWay}`;
      return { verdict: 'inconclusive', measured, limit, explanation };
    }
    if (holders.length >= 2) {
      const explanation = `${holders.join(' and ')} hold the VIP at the same time. ${onTheWay}`;
      return { verdict: 'fail', measured, limit, explanation };
    }
    if (unwatched.length > 0) {
      const explanation = `Whether ${unwatched.join(' and ')} held the VIP in the end was not watched. ${onTheWay}`;
      return { verdict: 'inconclusive', measured, limit, explanation };
    }
    if (holders.length === 0) {
      return {
        verdict: 'fail',
        measured,
        limit,
        explanation: `In the end no host holds the VIP. ${onTheWay}`,
      };
    }
    return {
      verdict: 'pass',
      measured,
      limit,
      explanation: `In the end ${holders.join()} holds it. ${onTheWay}`,
    };
  },
};
