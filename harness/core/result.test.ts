import { resolveConfig, format } from 'prettier';
import { expect, test } from 'vitest';
import { join } from 'node:path';
import { resultJsonSchema } from './result.ts';

const SCHEMA = join(import.meta.dirname, '../../docs/result.schema.json');

test('docs/result.schema.json is what the code says (write it anew: npx vitest run --project unit harness/core/result -u)', async () => {
  const config = await resolveConfig(SCHEMA);
  const schema = await format(JSON.stringify(resultJsonSchema()), { ...config, parser: 'json' });
  await expect(schema).toMatchFileSnapshot(SCHEMA);
});
