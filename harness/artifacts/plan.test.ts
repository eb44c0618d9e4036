// Tags follow from content: the same on every machine, and new for an image and all that is made from it.
import { expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../profiles/index.ts';
import { imageSpecs, parentsOf, type ImageSpec } from './catalogue.ts';
import type { ContextFile } from './context.ts';
import { planFrom, planImages } from './plan.ts';

function spec(name: string, parents: readonly string[], args: Record<string, string> = {}): ImageSpec {
  const byArgument = Object.fromEntries(parents.map((parent) => [`${parent.toUpperCase()}_IMAGE`, parent]));
  return { name, recipe: { kind: 'build', context: name, parents: byArgument, args } };
}

function files(content: string, mode = 0o644): (context: string) => readonly ContextFile[] {
  return (context) => [{ path: 'Dockerfile', mode, content: Buffer.from(context === 'base' ? content : '') }];
}

const family = [spec('host', ['base', 'kubernetes']), spec('kubernetes', ['base']), spec('base', [])];
const other = spec('other', []);

function tags(specs: readonly ImageSpec[], filesOf = files('FROM scratch')): Record<string, string> {
  return Object.fromEntries([...planFrom(specs, filesOf)].map(([name, image]) => [name, image.tag]));
}

test('a tag is the name and twelve digits of a hash, the same for the same content', () => {
  expect(tags(family).host).toMatch(/^holdfast\/host:[0-9a-f]{12}$/);
  expect(tags(family)).toEqual(tags([...family].reverse()));
});

test('changed content gives a new tag to the image and to all that is made from it, and to nothing else', () => {
  const before = tags([...family, other]);
  const after = tags([...family, other], files('FROM scratch\nLABEL a=b'));
  const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
  expect(changed.sort()).toEqual(['base', 'host', 'kubernetes']);
});

test('a file that becomes executable, and another argument, are changes too', () => {
  expect(tags(family, files('FROM scratch', 0o755)).base).not.toBe(tags(family).base);
  expect(tags([spec('base', [], { VERSION: 'v2' })]).base).not.toBe(tags([spec('base', [])]).base);
});

test('an image made from one that nobody describes is refused by name', () => {
  expect(() => planFrom([spec('host', ['bass'])], files(''))).toThrow('image host is made from "bass"');
});

test('images made from each other are refused, with the circle', () => {
  const circle = [spec('a', ['b']), spec('b', ['a'])];
  expect(() => planFrom(circle, files(''))).toThrow('a ← b ← a');
});

test('every image of the catalogue leads to a host or the observer', async () => {
  const specs = imageSpecs(DEFAULT_PROFILE);
  const plan = await planImages(specs);
  const needed = new Set<string>();
  const visit = (name: string): void => {
    needed.add(name);
    for (const parent of parentsOf(
      plan.get(name)?.spec.recipe ?? { kind: 'debian', suite: '', registryImage: '' },
    ))
      visit(parent);
  };
  visit('host');
  visit('rpm-host');
  visit('observer');
  expect([...needed].sort()).toEqual(specs.map(({ name }) => name).sort());
});
