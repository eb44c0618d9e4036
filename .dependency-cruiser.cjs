// Imports point one way (docs/architecture.md). Each folder lists what it may import of ours; all else is an error.
const mayImport = {
  core: ['core'],
  hosts: ['hosts', 'core'],
  providers: ['providers', 'hosts', 'core'],
  artifacts: ['artifacts', 'profiles', 'core'],
  profiles: ['profiles', 'core'],
  cluster: ['cluster', 'artifacts', 'profiles', 'oracle', 'core'],
  faults: ['faults', 'core'],
  probes: ['probes', 'core'],
  workload: ['workload', 'core'],
  oracle: ['oracle', 'core'],
  checks: ['checks', 'oracle', 'core'],
  page: ['page', 'core'],
  reporters: ['reporters', 'core'],
  trend: ['trend', 'reporters', 'core'],
  safety: ['safety', 'oracle', 'core'],
  scenario: ['scenario', 'safety', 'cluster', 'faults', 'probes', 'workload', 'checks', 'core'],
  vitest: ['vitest', 'scenario', 'providers', 'checks', 'core'],
  run: ['run', 'scenario', 'safety', 'faults', 'cluster', 'profiles', 'core'],
};

const oneWay = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-${allowed.join('-')}`,
  severity: 'error',
  from: { path: `^harness/${folder}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^harness/', pathNot: `^harness/(${allowed.join('|')})/` },
}));

// What judges and renders must give the same answer for the same record, whenever and wherever it runs.
const pure = ['oracle', 'safety', 'checks', 'reporters', 'trend'].map((folder) => ({
  name: `${folder}-is-pure`,
  severity: 'error',
  from: { path: `^harness/${folder}/`, pathNot: '\\.test\\.ts$' },
  to: { dependencyTypes: ['core'] },
}));

module.exports = {
  forbidden: [
    ...oneWay,
    ...pure,
    {
      name: 'scenarios-import-only-the-index',
      severity: 'error',
      from: { path: '^scenarios/' },
      to: { path: '^harness/', pathNot: '^harness/index\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-missing-modules', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-packages-in-the-harness',
      severity: 'error',
      from: { path: '^harness/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
