// Which program a series gets.
import { type Ask, onNewConnections, onOneConnection } from './connections.ts';
import type { Outcome } from './exchange.ts';
import type { Reading, SeriesProgram, SeriesSetting } from './series.ts';
import { targetOf } from './target.ts';

/** In the order of the settings; made together, because some share what they know. */
export function programsFor(settings: readonly SeriesSetting[]): readonly SeriesProgram[] {
  return settings.map(programFor);
}

function programFor(setting: SeriesSetting): SeriesProgram {
  return asking(askFor(setting));
}

function askFor(setting: SeriesSetting): Ask {
  const target = targetOf(setting);
  return setting.definition.connection === 'reused' ? onOneConnection(target) : onNewConnections(target);
}

/** One request for each tick. */
function asking(ask: Ask): SeriesProgram {
  return { take: async ({ startNs }) => readingOf(await ask(startNs)) };
}

/** Keys without a value do not appear in the line. */
export function readingOf(outcome: Outcome): Reading {
  return {
    d: outcome.durationMs,
    f: outcome.failure,
    s: outcome.status,
    m: outcome.detail,
    c: outcome.connectMs,
    h: outcome.tlsMs,
    b: outcome.firstByteMs,
    a: outcome.answeredBy,
  };
}
