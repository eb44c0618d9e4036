#!/usr/bin/env node
// The holdfast command: prepares a fresh checkout, then runs harness/cli.ts in this same process.
import { fileURLToPath } from 'node:url';
import { prepare } from './bootstrap.mjs';
import { onceEach } from './signals.mjs';

onceEach(['SIGINT', 'SIGTERM']);
await prepare();
const { register } = await import('tsx/esm/api');
register({ tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)) });
await import('../harness/cli.ts');
