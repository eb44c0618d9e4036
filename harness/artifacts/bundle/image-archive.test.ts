// The reader of images' archives: every form that tools write, and everything that could harm whoever unpacks one.
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readImageArchive } from './image-archive.ts';
import { BundleRefusal } from './refusal.ts';
import {
  dockerSave,
  dockerSaveEntries,
  ociLayout,
  sha256,
  tarOf,
  type EntryToWrite,
} from './testing/archive-writer.ts';
import { inPieces } from './testing/streams.ts';
import { tarEntries } from './tar-walk.ts';

const PAUSE = 'gcr.io/google_containers/pause-amd64:3.0';

async function read(bytes: Buffer): Promise<unknown> {
  return readImageArchive(inPieces(bytes, 4096), 'pause.tar');
}

async function refusalOf(bytes: Buffer): Promise<string> {
  const thrown = await read(bytes).catch((one: unknown) => one);
  expect(thrown).toBeInstanceOf(BundleRefusal);
  expect(thrown).toMatchObject({ exitCode: 3, hint: expect.any(String) as string });
  return (thrown as BundleRefusal).message;
}

test('what docker save writes is read, compressed or not', async () => {
  const expected = { format: 'docker-save', images: [{ names: [PAUSE], architecture: 'amd64', layers: 1 }] };
  expect(await read(await dockerSave([PAUSE]))).toEqual(expected);
  expect(await read(gzipSync(await dockerSave([PAUSE])))).toEqual(expected);
});

test('a layer that two images share may be a link to the other', async () => {
  const [folder, layer, config] = await dockerSaveEntries([PAUSE]);
  if (!folder || !layer || !config) throw new Error('three entries');
  const link: EntryToWrite = { name: 'twin/layer.tar', type: 'symlink', linkname: `../${layer.name}` };
  const manifest = JSON.stringify([{ Config: config.name, RepoTags: [PAUSE], Layers: [link.name] }]);
  const archive = await tarOf([folder, layer, link, config, { name: 'manifest.json', content: manifest }]);
  expect(await read(archive)).toMatchObject({ images: [{ names: [PAUSE] }] });
});

test('an OCI layout is read, through an index of several architectures', async () => {
  expect(await read(await ociLayout(PAUSE))).toEqual({
    format: 'oci',
    images: [{ names: [PAUSE], architecture: 'amd64', layers: 1 }],
  });
});

test('what Docker before 1.10 wrote is read', async () => {
  const repositories = JSON.stringify({ 'gcr.io/google_containers/pause-amd64': { '3.0': 'abc' } });
  const archive = await tarOf([
    { name: 'abc/layer.tar', content: 'layer' },
    { name: 'repositories', content: repositories },
  ]);
  expect(await read(archive)).toMatchObject({ images: [{ names: [PAUSE] }] });
});

test.each<[string, EntryToWrite, RegExp]>([
  [
    'a path upwards',
    { name: '../../etc/cron.d/x', content: 'x' },
    /"\.\.\/\.\.\/etc\/cron\.d\/x" leads out of the archive/,
  ],
  ['a path upwards in the middle', { name: 'a/../../x', content: 'x' }, /leads out of the archive/],
  ['an absolute path', { name: '/etc/passwd', content: 'x' }, /"\/etc\/passwd" leads out of the archive/],
  [
    'a link upwards',
    { name: 'a/l', type: 'symlink', linkname: '../../x' },
    /it is a link to "\.\.\/\.\.\/x", out of the archive/,
  ],
  [
    'an absolute link',
    { name: 'l', type: 'symlink', linkname: '/etc' },
    /it is a link to "\/etc", out of the archive/,
  ],
  [
    'a hard link upwards',
    { name: 'l', type: 'link', linkname: '../x' },
    /"\.\.\/x" leads out of the archive/,
  ],
  [
    'a link to nothing inside',
    { name: 'l', type: 'symlink', linkname: 'nothing' },
    /which is no file of the archive/,
  ],
  [
    'a device',
    { name: 'sda', type: 'block-device' },
    /pause\.tar › sda: it is a block-device; expected files, folders/,
  ],
  ['a character device', { name: 'null', type: 'character-device' }, /it is a character-device/],
  ['a pipe', { name: 'pipe', type: 'fifo' }, /it is a fifo/],
  [
    'a second manifest',
    { name: './manifest.json', content: '[]' },
    /manifest\.json: it is in the archive twice/,
  ],
  ['letters that move a cursor', { name: '/\u001b[2Jx', content: '' }, /› \/\\u001b\[2Jx: "/],
])('%s is refused, with the place', async (_, entry, message) => {
  expect(await refusalOf(await tarOf([...(await dockerSaveEntries([PAUSE])), entry]))).toMatch(message);
});

test('a file whose path leads through a link is refused', async () => {
  const through = [
    { name: 'd', type: 'symlink' as const, linkname: 'manifest.json' },
    { name: 'd/x', content: 'x' },
  ];
  const message = await refusalOf(await tarOf([...(await dockerSaveEntries([PAUSE])), ...through]));
  expect(message).toContain('its path leads through the link d');
});

test('a layer of other content than its digest is refused, in every form', async () => {
  const entries = await dockerSaveEntries([PAUSE]);
  const altered = entries.map((entry) =>
    entry.name.endsWith('layer.tar') ? { ...entry, content: 'another layer' } : entry,
  );
  expect(await refusalOf(await tarOf(altered))).toMatch(
    new RegExp(`layer.tar: its content has the digest sha256:${sha256('another layer')}; expected sha256:`),
  );
  const blob = { name: `blobs/sha256/${sha256('one')}`, content: 'other' };
  expect(await refusalOf(await tarOf([blob]))).toMatch(/its content has the digest .*: it is damaged/);
});

test('a layer, a configuration or a manifest that is not there is named', async () => {
  const entries = await dockerSaveEntries([PAUSE]);
  const without = async (ending: string): Promise<string> =>
    refusalOf(await tarOf(entries.filter(({ name }) => !name.endsWith(ending))));
  expect(await without('/layer.tar')).toMatch(/layer\.tar: it is missing, though manifest\.json names it/);
  expect(await without('manifest.json')).toMatch(
    /it has neither manifest\.json, index\.json nor repositories/,
  );
  const bad = [...entries.slice(0, -1), { name: 'manifest.json', content: '[{"Config": 7}]' }];
  expect(await refusalOf(await tarOf(bad))).toMatch(/manifest\.json: 0\.Config is not as it should be/);
});

test('an archive that unpacks to a thousand times its size is refused before it has', async () => {
  const bomb = gzipSync(await tarOf([{ name: 'layer', content: Buffer.alloc(70 * 1024 * 1024) }]), {
    level: 1,
  });
  expect(await refusalOf(bomb)).toMatch(/unpack to more than 200 times as much/);
});

test('more entries, bytes or longer names than an archive of images has are refused', async () => {
  const archive = await tarOf([1, 2, 3].map((one) => ({ name: `file-${one}`, content: 'xxx' })));
  const walk = async (limits: { entries: number; bytes: number; nameLength: number }): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of tarEntries(inPieces(archive), 'many.tar', limits)) names.push(name);
    return names;
  };
  await expect(walk({ entries: 3, bytes: 9, nameLength: 6 })).resolves.toHaveLength(3);
  await expect(walk({ entries: 2, bytes: 9, nameLength: 6 })).rejects.toThrow('more than 2 entries');
  await expect(walk({ entries: 3, bytes: 8, nameLength: 6 })).rejects.toThrow('more than 8 bytes unpacked');
  await expect(walk({ entries: 3, bytes: 9, nameLength: 5 })).rejects.toThrow('too long');
});

const forms = [await dockerSave([PAUSE]), await ociLayout(PAUSE)];
const anyForm = fc.constantFrom(...forms, ...forms.map((form) => gzipSync(form)));

test('no archive that is cut short anywhere is accepted', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyForm,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (form, share) => {
        await refusalOf(form.subarray(0, Math.floor(form.length * share)));
      },
    ),
    { numRuns: 300 },
  );
  const [form = Buffer.alloc(0)] = forms;
  for (let at = 0; at < form.length; at += 512) await refusalOf(form.subarray(0, at));
});

test('whatever bytes are changed, it is read as it was or refused with one error', async () => {
  const whole = new Map(
    await Promise.all(forms.map(async (form) => [form, JSON.stringify(await read(form))] as const)),
  );
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...forms), changes, async (form, changed) => {
      const harmed = Buffer.from(form);
      for (const [place, change] of changed)
        harmed[place % form.length] = (harmed[place % form.length] ?? 0) ^ change;
      const outcome = await read(harmed).catch((thrown: unknown) => thrown);
      // The manifest itself is guarded by nothing, so that a name may be another; padding and times mean nothing.
      if (!(outcome instanceof BundleRefusal)) {
        expect(outcome).not.toBeInstanceOf(Error);
        expect(JSON.stringify(outcome).length).toBeLessThanOrEqual((whole.get(form) ?? '').length + 40);
      }
    }),
    { numRuns: 1000 },
  );
});

test('any bytes at all are refused with one error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      await refusalOf(Buffer.from(bytes));
    }),
    { numRuns: 300 },
  );
});
