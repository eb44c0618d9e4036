// The programs of the series that append to the ledger and watch it: they share the ledger's book.
import type { Ask } from './connections.ts';
import { LedgerBook } from './ledger-book.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { LEDGER_LABEL, ledgerProgram } from './ledger.ts';
import type { SeriesProgram, SeriesSetting } from './series.ts';

/** @param ask on the series' connection; its outcomes keep the body */
export type AskFor = (setting: SeriesSetting) => Ask;

export interface LedgerPrograms {
  programFor(setting: SeriesSetting): SeriesProgram;
}

/** @throws Error when there is no ledger configured, two series append to it, or it is watched and none appends */
export function ledgerPrograms(settings: readonly SeriesSetting[], askFor: AskFor): LedgerPrograms {
  const book = new LedgerBook();
  const appending = settings.filter(({ definition }) => definition.task === 'append');
  return {
    programFor: (setting) => {
      const { definition, config } = setting;
      const { ledger } = config;
      if (!ledger) throw new Error(`${definition.name} needs a ledger`);
      if (appending.length !== 1) {
        throw new Error(`a ledger has one series that appends to it, not ${appending.length}`);
      }
      if (definition.task === 'watch') {
        const selector = encodeURIComponent(`${LEDGER_LABEL}=${ledger.id}`);
        const path = `/api/v1/namespaces/${ledger.namespace}/configmaps?watch=1&labelSelector=${selector}`;
        return new LedgerWatch(setting, book, path);
      }
      const { host: authority } = new URL(definition.url);
      const connection = definition.connection === 'new' ? 'close' : 'keep-alive';
      return ledgerProgram({ ask: askFor(setting), authority, connection, ledger, book });
    },
  };
}
