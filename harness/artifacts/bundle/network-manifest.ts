// Which images a Kubernetes manifest names, whatever objects it holds.
import { parseAllDocuments } from 'yaml';
import type { Bytes } from './byte-reader.ts';
import { DOCUMENT_BYTES_MAX } from './limits.ts';
import { BundleRefusal } from './refusal.ts';

export const MANIFEST_NAME = /\.(ya?ml|json)$/;

/** Sorted, each once, by their full names. @throws BundleRefusal for what is no manifest */
export async function imagesInManifest(source: Bytes, where: string): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    if (bytes > DOCUMENT_BYTES_MAX) throw refusal(where, `it is larger than ${DOCUMENT_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  const images = new Set<string>();
  let objects = 0;
  for (const document of parseAllDocuments(Buffer.concat(chunks).toString('utf8'))) {
    const [error] = document.errors;
    if (error) throw refusal(where, `it is no YAML: ${error.message.split('\n')[0] ?? ''}`, error);
    const value = valueOf(document, where);
    if (isRecord(value) && typeof value.kind === 'string') objects += 1;
    collect(value, images, 0);
  }
  if (objects === 0) throw refusal(where, 'it holds no object of Kubernetes');
  return [...images].sort();
}

/** "weaveworks/weave-kube:1.8.2" as Docker means it: with the registry and tag that go without saying. */
export function fullImageName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasRegistry ? name : `docker.io/${rest.length === 0 ? 'library/' : ''}${name}`;
  return /[:@][^/]+$/.test(path) ? path : `${path}:latest`;
}

function valueOf(document: { toJS(options: { maxAliasCount: number }): unknown }, where: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw refusal(where, 'its YAML repeats itself beyond measure', thrown);
  }
}

const DEPTH_MAX = 64;

function collect(value: unknown, images: Set<string>, depth: number): void {
  if (depth > DEPTH_MAX || typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === 'image' && typeof child === 'string' && child !== '') images.add(fullImageName(child));
    else collect(child, images, depth + 1);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refusal(where: string, found: string, cause?: unknown): BundleRefusal {
  return new BundleRefusal({
    where,
    found,
    expected: 'a manifest for kubectl apply, as YAML or JSON',
    todo: 'put the manifest of the network of your choice there, such as weave-kube',
    ...(cause instanceof Error && { cause }),
  });
}
