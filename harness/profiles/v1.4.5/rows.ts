// The seed's chapter 3, row by row, in its order.
import type { Row } from './row.ts';
import { AFTERWARDS_ROWS } from './rows/afterwards.ts';
import { COMPONENT_ROWS } from './rows/components.ts';
import { ETCD_ROWS } from './rows/etcd.ts';
import { KEEPALIVED_ROWS } from './rows/keepalived.ts';
import { MASTER_ROWS } from './rows/masters.ts';
import { NODE_ROWS } from './rows/nodes.ts';
import { PREPARATION_ROWS } from './rows/preparation.ts';

export const ROWS: readonly Row[] = [
  ...ETCD_ROWS,
  ...PREPARATION_ROWS,
  ...MASTER_ROWS,
  ...NODE_ROWS,
  ...COMPONENT_ROWS,
  ...KEEPALIVED_ROWS,
  ...AFTERWARDS_ROWS,
];
