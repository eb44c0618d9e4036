// When in the advert cycle the holder falls silent decides how soon the others notice. Which moment is the worst?
import { scenario } from '../harness/index.ts';

const PHASES = 6;
/** What an injection takes at first, until it is known. */
const LEAD_MS = 400;

export default scenario({
  hypothesis:
    'Whenever in the cycle of its adverts the master that holds the VIP falls silent, another one takes the VIP over within ' +
    'the VRRP budget: the worst moment, just after an advert, costs one advert more than the best.',
  needs: ['vrrp'],
  checks: ['every-failover-within-budget', 'one-holder-afterwards', 'nodes-ready-afterwards'],
  bodyTimeoutMs: 300_000,
  async body({ cluster, inject, observe, sinceAdvertMs, steadyAgain, vipHolder, vipLeaves }) {
    const intervalMs = 1000 * cluster.topology.keepalived.advertIntervalS;
    let leadMs = LEAD_MS;
    for (let phase = 0; phase < PHASES; phase += 1) {
      const holder = await vipHolder();
      const wantedMs = ((phase + 0.5) / PHASES) * intervalMs;
      const strikesAtMs = (sinceAdvertMs(holder) ?? 0) + leadMs;
      await observe((((wantedMs - strikesAtMs) % intervalMs) + intervalMs) % intervalMs);
      const cut = await inject('isolate-host', holder);
      leadMs = cut.leadMs;
      await vipLeaves(holder, 8_000);
      await observe(500);
      await cut.heal();
      await steadyAgain(60_000);
    }
  },
});
