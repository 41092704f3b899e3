/** Files made to do harm: whatever they are, the looking ends in bounded time and memory, with an answer. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { MIB } from '../../../shared/base/units.ts';
import { look, strip } from '../../../src-main/workers/metadata/look.ts';
import { MetadataPool, MetadataRefusal } from '../../../src-main/workers/metadata/pool.ts';
import * as files from '../../support/metadata-files.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
/** Far above what each takes, far below what a harmful one could. */
const BOUND_MS = 5_000;
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

describe('hostile files', () => {
  let directory = '';
  let count = 0;
  let pool: MetadataPool;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'broadside-hostile-'));
    pool = new MetadataPool();
  });
  after(async () => {
    await pool.close();
    await rm(directory, { recursive: true, force: true });
  });
  const written = async (bytes: Uint8Array | string, type: string) => {
    const absolutePath = join(directory, String((count += 1)));
    await writeFile(absolutePath, bytes);
    return { absolutePath, type };
  };
  const inTime = async <Value>(work: Promise<Value>): Promise<Value> => {
    const startMs = performance.now();
    const value = await work;
    assert.ok(performance.now() - startMs < BOUND_MS, `${performance.now() - startMs} ms`);
    return value;
  };
  const requireNotLooked = async (bytes: Uint8Array | string, type: string, reason: string) => {
    const found = await inTime(look(await written(bytes, type)));
    assert.deepEqual([found.canStrip, found.reason, found.items.at(-1)?.what], [false, reason, 'not-looked']);
  };

  const KINDS: readonly (readonly [string, string, Uint8Array])[] = [
    ['JPEG', 'image/jpeg', files.jpeg({ trailing: false })],
    ['PNG', 'image/png', files.png({ telling: false })],
    ['WebP', 'image/webp', files.webp()],
    ['AVIF', 'image/avif', files.avif()],
    ['PDF', 'application/pdf', files.pdf()],
    ['docx', DOCX, files.docx()],
    ['MP3', 'audio/mpeg', files.mp3()],
    ['MOV', 'video/quicktime', files.mov()],
  ];
  for (const [name, type, bytes] of KINDS) {
    it(`a ${name} that is cut anywhere, or has bytes changed, is answered and never stripped in part`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.nat(bytes.length),
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }),
          async (length, changes) => {
            const mutant = bytes.slice(0, length);
            for (const [at, value] of changes) if (at < length) mutant[at] = value;
            const file = await written(mutant, type);
            const found = await inTime(look(file));
            if (!found.canStrip) return;
            const result = await inTime(strip(file).catch((thrown: unknown) => thrown));
            if (!(result instanceof Uint8Array)) return;
            const again = await look(await written(result, type));
            const left = again.items.map(({ what }) => what).filter((what) => !found.leaves.includes(what));
            // What looks like a further version in a file with broken bytes is no metadata; the use case refuses it all the same.
            assert.deepEqual(
              left.filter((what) => what !== 'orientation' && what !== 'earlier-version'),
              [],
              'nothing is left but what was told to stay',
            );
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  it('random bytes of any kind are answered', async () => {
    const types = [...KINDS.map(([, type]) => type), 'image/svg+xml', 'text/html', 'image/gif', 'image/tiff'];
    const heads = [
      '',
      '\xff\xd8\xff',
      '\x89PNG\r\n\x1a\n',
      'RIFF\x40\0\0\0WEBP',
      '%PDF-1.7\n',
      'PK\x03\x04',
      'GIF89a',
      'II*\0',
      '\0\0\0\x18ftypheic',
      '<svg',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...types),
        fc.constantFrom(...heads),
        fc.uint8Array({ maxLength: 300 }),
        async (type, head, tail) => {
          const found = await inTime(look(await written(new Uint8Array([...latin1(head), ...tail]), type)));
          assert.ok(found.items.length <= 40);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('an archive that unfolds to too much is not unfolded', async () => {
    const bomb = Buffer.from(zipSync({ 'word/document.xml': new Uint8Array(MIB) }, { level: 1 }));
    bomb.writeUInt32LE(300 * MIB, bomb.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1')) + 24);
    await requireNotLooked(bomb, DOCX, 'too-large');
  });

  it('an archive that lies about what it unfolds to cannot make more than it said', async () => {
    const bomb = Buffer.from(zipSync({ 'word/document.xml': new Uint8Array(32 * MIB) }, { level: 1 }));
    const entry = bomb.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
    bomb.writeUInt32LE(1000, entry + 24);
    const before = process.memoryUsage().arrayBuffers;
    const found = await inTime(look(await written(bomb, DOCX)));
    assert.equal(found.canStrip, false);
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * MIB);
  });

  it('an archive with two parts of one name is not guessed at', async () => {
    const one = Buffer.from(zipSync({ 'word/a.xml': latin1('<a/>'), 'word/b.xml': latin1('<b/>') }));
    const twice = Buffer.from(one.toString('latin1').replaceAll('word/b.xml', 'word/a.xml'), 'latin1');
    await requireNotLooked(twice, DOCX, 'damaged');
  });

  it('XML with entities, or nested without end, is refused before it is read', async () => {
    const entities = `<!DOCTYPE a [<!ENTITY a "${'a'.repeat(100)}"><!ENTITY b "${'&a;'.repeat(1000)}">]><a>${'&b;'.repeat(1000)}</a>`;
    await requireNotLooked(files.docx({ 'word/document.xml': latin1(entities) }), DOCX, 'damaged');
    await requireNotLooked(
      `<?xml version="1.0"?>${entities.replaceAll('<a>', '<svg>').replaceAll('</a>', '</svg>')}`,
      'image/svg+xml',
      'damaged',
    );
    await requireNotLooked(files.docx({ 'word/document.xml': latin1('<a>'.repeat(100_000)) }), DOCX, 'damaged');
  });

  it('EXIF with offsets and counts out of the world tells that it could not be read', async () => {
    const exif = Buffer.from(files.exif());
    for (let at = 10; at + 12 < exif.length; at += 12) exif.writeUInt32BE(0xffff_fff0, at + 8);
    const found = await inTime(look(await written(exif, 'image/tiff')));
    assert.ok(found.items.some(({ what }) => what === 'hidden-data'));
  });

  it('a compressed PNG text that unfolds to too much is told by its name', async () => {
    const png = Buffer.from(files.png());
    const bomb = deflateSync(Buffer.alloc(50 * MIB));
    const body = Buffer.concat([Buffer.from('zTXtBoom\0\0', 'latin1'), bomb]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length - 4);
    const at = png.indexOf('IDAT') - 4;
    const whole = Buffer.concat([png.subarray(0, at), head, body, Buffer.alloc(4), png.subarray(at)]);
    const found = await inTime(look(await written(whole, 'image/png')));
    assert.ok(found.items.some(({ what, value }) => what === 'description' && value.startsWith('Boom, ')));
  });

  it('a PDF whose revisions and objects go in circles ends', async () => {
    const text = Buffer.from(files.pdf()).toString('latin1');
    const circle = text.replace(/\/Prev \d+/, (found) => found.replace(/\d+/, String(text.lastIndexOf('xref\n5 1'))));
    assert.equal((await inTime(look(await written(latin1(circle), 'application/pdf')))).kind, 'pdf');
    const tree = text.replace('/Kids [3 0 R]', '/Kids [2 0 R]');
    assert.equal((await inTime(look(await written(latin1(tree), 'application/pdf')))).kind, 'pdf');
  });

  it('a link in the place of a file is not followed', async () => {
    const link = join(directory, 'link.jpg');
    await symlink((await written(files.jpeg(), 'image/jpeg')).absolutePath, link);
    assert.equal((await pool.look({ absolutePath: link, type: 'image/jpeg' })).canStrip, false);
  });

  it('a file that takes too long ends its thread, is told so, and the next one is looked into', async () => {
    const hasty = new MetadataPool({ timeoutMs: 30 });
    try {
      const slow = await written(files.pdf(), 'application/pdf');
      const found = await hasty.look(slow);
      assert.deepEqual([found.reason, found.canStrip], ['too-slow', false]);
      await assert.rejects(hasty.strip(slow, join(directory, 'never')), (thrown) => thrown instanceof MetadataRefusal);
    } finally {
      await hasty.close();
    }
    assert.equal((await pool.look(await written(files.jpeg(), 'image/jpeg'))).canStrip, true);
  });

  it('a PDF that unfolds to gigabytes ends its thread and not the program', async () => {
    // Deflated twice: some hundred bytes, then 64 KiB, then 64 MiB, and that a hundred times.
    const stream = deflateSync(deflateSync(Buffer.alloc(64 * MIB)));
    const objects = Array.from({ length: 100 }, (_, index) => [
      latin1(
        `${index + 1} 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] /Length ${stream.length} >>\nstream\n`,
      ),
      stream,
      latin1('\nendstream\nendobj\n'),
    ]);
    const tail = latin1('trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n');
    const file = await written(Buffer.concat([latin1('%PDF-1.5\n'), ...objects.flat(), tail]), 'application/pdf');
    const patient = new MetadataPool({ timeoutMs: 3_000 });
    try {
      const found = await inTime(patient.look(file));
      assert.equal(found.canStrip, false);
      assert.equal((await patient.look(await written(files.jpeg(), 'image/jpeg'))).canStrip, true, 'the pool goes on');
    } finally {
      await patient.close();
    }
  });
});
