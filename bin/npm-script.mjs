#!/usr/bin/env node
// Prepares a fresh checkout, then runs one script of package.json: `npm-script.mjs <script> [args]`.
import { prepare, runNpm } from './bootstrap.mjs';
import { onceEach } from './signals.mjs';

onceEach(['SIGINT', 'SIGTERM']);
await prepare();
const [script, ...args] = process.argv.slice(2);
process.exitCode = await runNpm(['run', script, '--', ...args]);
