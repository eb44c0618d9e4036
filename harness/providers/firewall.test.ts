import { expect, test } from 'vitest';
import { parseBridgeRules } from './firewall.ts';

test('only rules with a run id in their comment are ours', () => {
  const listing = [
    '-N DOCKER-USER',
    '-A DOCKER-USER -i hf-0123456789ab -o hf-0123456789ab -m comment --comment "holdfast.run=2026-a" -j ACCEPT',
    '-A DOCKER-USER -i hf-b -o hf-b -m comment --comment holdfast.run=b -j ACCEPT',
    '-A DOCKER-USER -i eth0 -m comment --comment "someone else" -j DROP',
    '-A DOCKER-USER -s 10.0.0.0/8 -j DROP',
    '-A DOCKER-USER -j RETURN',
  ].join('\n');
  expect(parseBridgeRules(listing)).toEqual([
    { bridge: 'hf-0123456789ab', runId: '2026-a' },
    { bridge: 'hf-b', runId: 'b' },
  ]);
});
