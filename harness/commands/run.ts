// holdfast run: one suite on one cluster with one seed, measured, judged and reported.
import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { loadTopology } from '../cluster/topology.ts';
import { exitCodeOf } from '../core/verdict.ts';
import { UsageError } from '../core/errors.ts';
import { renderTerminal } from '../reporters/terminal.ts';
import { run } from '../run.ts';
import { SUITES, DEFAULT_SUITE } from '../../scenarios/suites.ts';
import { withProvider } from './environment.ts';
import { positiveInteger } from './options.ts';
import { Progress } from './progress.ts';
import { TerminalView } from './terminal-view.ts';

interface RunFlags {
  readonly suite?: string;
  readonly topology: string;
  readonly profile: string;
  readonly provider: string;
  readonly seed?: number;
  readonly repeat: number;
  readonly instance?: number;
  readonly keep?: true;
  readonly fresh?: true;
  readonly reports: string;
  readonly json?: true;
}
