// Suites are lists of scenario names; a scenario's name is its file's.
export const SUITES: Readonly<Record<string, readonly string[]>> = {
  quick: ['power-off-vip-holder'],
};

export const DEFAULT_SUITE = 'quick';
