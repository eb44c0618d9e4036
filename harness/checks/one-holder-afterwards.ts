// Does exactly one host hold the VIP in the end? Two answer for the same address, none answers at all.
import type { Check, Judgement } from '../core/check.ts';
import type { ScenarioRecord } from '../core/record.ts';
import { eventsOfType } from '../core/scenario-view.ts';
import { ms } from '../core/text.ts';
import { vipTimelineOf } from '../core/vip-view.ts';
import { advertTimelineOf } from './vip-results.ts';

const limit = 'exactly one holder at the end';

export const oneHolderAfterwards: Check = {
  name: 'one-holder-afterwards',
  question: 'Does exactly one host hold the VIP in the end?',
  needs: ['vrrp'],
  judge(record) {
    const timeline = vipTimelineOf(record);
    const last = timeline.stretches.at(-1);
    if (!last) {
      return { verdict: 'inconclusive', limit, explanation: 'No address of any master was ever watched.' };
    }
    const { holders, unwatched } = last;
    const measured = { value: holders.length, unit: holders.length === 1 ? 'holder' : 'holders' };
    const onTheWay = `On the way two held it for ${ms(timeline.dualHolderMs)}, none for ${ms(timeline.noHolderMs)}.`;
    const judged = (verdict: Judgement['verdict'], found: string): Judgement => ({
      verdict,
      measured,
      limit,
      explanation: `${found} ${onTheWay}`,
    });
    if (!record.finished) return judged('inconclusive', 'The record ends before the end of the scenario.');
    if (holders.length >= 2) return judged('fail', `${holders.join(' and ')} hold the VIP at the same time.`);
    if (unwatched.length > 0) {
      const names = unwatched.join(' and ');
      return judged('inconclusive', `Whether ${names} held the VIP in the end was not watched.`);
    }
    const [holder] = holders;
    if (holder === undefined) return judged('fail', 'In the end no host holds the VIP.');
    const doubt = whatTheWireSays(record, holder);
    return doubt ? judged(...doubt) : judged('pass', `In the end ${holder} holds it.`);
  },
};

/** The wire as a second witness, where it was captured; undefined when it agrees or was not. */
function whatTheWireSays(
  record: ScenarioRecord,
  holder: string,
): [verdict: Judgement['verdict'], found: string] | undefined {
  const wire = advertTimelineOf(record);
  const endMs = wire?.captured.at(-1)?.toMs;
  if (!wire || endMs === undefined) return undefined;
  const { virtualRouterId, advertIntervalS } = record.run.topology.keepalived;
  const isOurs = (one: { readonly virtualRouterId: number }): boolean =>
    one.virtualRouterId === virtualRouterId;
  const intervalMs = 1000 * advertIntervalS;
  // Masters that were told of each other (unicast_peer) say nothing that a client could hear.
  if (record.run.topology.found && !wire.advertisers.some(isOurs)) return undefined;

  const offMs = eventsOfType(record.events, 'vrrp.advert').at(-1)?.uncertaintyMs ?? 0;

  // Two that go on are both heard within an interval of the end; one more for an advert that came late.
  const rivals = wire.dual.filter(isOurs).findLast(({ toMs }) => toMs - offMs >= endMs - 2 * intervalMs);
  if (rivals) return ['fail', `${rivals.senders.join(' and ')} still call themselves master on the wire.`];
  const heard = wire.advertisers.filter((one) => isOurs(one) && one.lastMs + offMs >= endMs - 3 * intervalMs);
  if (heard.some(({ sender }) => sender === holder)) return undefined;
  const others = heard.map(({ sender }) => sender).join(' and ');
  const instead = others === '' ? 'nobody' : others;
  return [
    'inconclusive',
    `By its address ${holder} holds it, but on the wire ${instead} was heard in the end.`,
  ];
}
