// The tolerance matrix: rows are failures, columns capabilities, and beside each measure stands what the oracle expects.

export interface ToleranceCell {
  /** "3400–3629 ms", "until healed (24.1 s)", "none", or in words why there is no measure. */
  readonly measured: string;
  /** "none", "≤ 3.88 s", "until healed", "may, until healed"; absent where the oracle has no model. */
  readonly expected?: string;
}

/** The columns in their order. */
export const CAPABILITIES = ['API read', 'API write', 'VIP', 'scheduling', 'service', 'DNS'] as const;
export type ToleranceCapability = (typeof CAPABILITIES)[number];

/** One scenario's row. */
export type ToleranceRow = Readonly<Record<ToleranceCapability, ToleranceCell>>;
