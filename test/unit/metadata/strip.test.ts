/** Files that tell are told of, stripped, and read again by libraries that had no part in the stripping. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import exifr from 'exifr';
import { strFromU8, unzipSync } from 'fflate';
import { METADATA_SEVERITY } from '../../../shared/base/metadata.ts';
import type { MetadataFindings } from '../../../shared/base/metadata.ts';
import { look, strip } from '../../../src-main/workers/metadata/look.ts';
import { parseXml } from '../../../src-main/workers/metadata/xml.ts';
import * as files from '../../support/metadata-files.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const ODT = 'application/vnd.oasis.opendocument.text';
const { author, serial, camera } = files.SECRETS;

/** A PDF with what its compressed streams hold behind it. */
function withStreams(pdf: Uint8Array): Buffer {
  const bytes = Buffer.from(pdf);
  const parts = [bytes];
  for (let at = bytes.indexOf('stream\n'); at !== -1; at = bytes.indexOf('stream\n', at + 7)) {
    try {
      parts.push(inflateSync(bytes.subarray(at + 7)));
    } catch {
      // Not compressed, or the end of one.
    }
  }
  return Buffer.concat(parts);
}

describe('metadata of one file', () => {
  let directory = '';
  let count = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'broadside-metadata-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const written = async (bytes: Uint8Array | string, type: string) => {
    const absolutePath = join(directory, String((count += 1)));
    await writeFile(absolutePath, bytes);
    return { absolutePath, type };
  };
  const findings = async (bytes: Uint8Array | string, type: string) => look(await written(bytes, type));
  const stripped = async (bytes: Uint8Array | string, type: string) => strip(await written(bytes, type));
  const codes = ({ items }: MetadataFindings) => new Set(items.map(({ what }) => what));
  const telling = (found: MetadataFindings) =>
    [...codes(found)].filter((code) => METADATA_SEVERITY[code] !== 'technical').toSorted();
  const valueOf = ({ items }: MetadataFindings, code: string) => items.find(({ what }) => what === code)?.value;
  /** The bytes have nothing of what the maker of the file wrote into it. */
  const requireNoSecrets = (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString('latin1');
    for (const secret of [author, serial, camera, 'Drammen', 'Darkroom', 'kitchen', 'Wordsmith', 'ottoline']) {
      assert.ok(!text.includes(secret), `${secret} is still there`);
    }
  };

  describe('JPEG', () => {
    it('tells place, name, device and its number, thumbnail, IPTC, remark and what is behind the end', async () => {
      const found = await findings(files.jpeg(), 'image/jpeg');
      assert.equal(valueOf(found, 'location'), '59.50000, 10.75000');
      assert.equal(valueOf(found, 'serial'), serial);
      const told = ['person', 'thumbnail', 'hidden-data', 'maker-notes', 'device', 'software', 'date', 'description'];
      for (const code of told) assert.ok((codes(found) as Set<string>).has(code), code);
      assert.ok(
        found.items.some(({ value }) => value === 'Drammen'),
        'the city of IPTC',
      );
      assert.ok(
        found.items.some(({ value }) => value.startsWith('JPEG, ')),
        'the second picture',
      );
      assert.deepEqual([found.canStrip, found.leaves], [true, []]);
    });

    it('stripped, has the same coded picture to the byte, and another reader finds nothing but its orientation', async () => {
      const original = files.jpeg();
      const bytes = await stripped(original, 'image/jpeg');
      requireNoSecrets(bytes);
      const seen = (await exifr.parse(Buffer.from(original), true)) as Record<string, unknown>;
      assert.equal(seen['Artist'], author, 'the other reader sees what is there');
      assert.ok(Math.abs((seen['latitude'] as number) - 59.5) < 1e-6);
      const options = {
        translateValues: false,
        iptc: true,
        xmp: true,
        icc: true,
        jfif: false,
        mergeOutput: true,
      } as const;
      assert.deepEqual(await exifr.parse(Buffer.from(bytes), options), { Orientation: 6 });
      const plain = files.plainJpeg();
      const coded = Buffer.from(plain.subarray(20));
      assert.ok(Buffer.from(bytes).subarray(-coded.length).equals(coded), 'tables, frame and scan are untouched');
      assert.deepEqual(telling(await findings(bytes, 'image/jpeg')), []);
      assert.deepEqual(await stripped(bytes, 'image/jpeg'), bytes, 'and once more changes nothing');
    });

    it('keeps a colour profile and tells that it stays', async () => {
      const plain = files.plainJpeg();
      const profile = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), Buffer.alloc(140, 1)]);
      const head = Buffer.from([0xff, 0xe2, 0, profile.length + 2]);
      const bytes = new Uint8Array(Buffer.concat([plain.subarray(0, 20), head, profile, plain.subarray(20)]));
      assert.deepEqual((await findings(bytes, 'image/jpeg')).leaves, ['colour-profile']);
      assert.ok(Buffer.from(await stripped(bytes, 'image/jpeg')).includes(profile));
    });
  });

  it('PNG: texts, time, EXIF, unknown chunks and what is behind the end go; the picture stays to the byte', async () => {
    const found = await findings(files.png(), 'image/png');
    for (const code of ['location', 'person', 'hidden-data', 'date', 'description', 'software'] as const)
      assert.ok(codes(found).has(code), code);
    const bytes = await stripped(files.png(), 'image/png');
    requireNoSecrets(bytes);
    const plain = Buffer.from(files.png({ telling: false }));
    const pictures = plain.subarray(plain.indexOf('gAMA') - 4);
    assert.ok(Buffer.from(bytes).subarray(-pictures.length).equals(pictures));
    assert.deepEqual(telling(await findings(bytes, 'image/png')), []);
    assert.deepEqual(await stripped(files.png({ telling: false }), 'image/png'), files.png({ telling: false }));
  });

  it('WebP: EXIF and XMP go, the picture stays to the byte', async () => {
    const original = Buffer.from(files.webp());
    const bytes = Buffer.from(await stripped(original, 'image/webp'));
    requireNoSecrets(bytes);
    const size = original.readUInt32LE(original.indexOf('VP8L') + 4);
    const coded = original.subarray(original.indexOf('VP8L'), original.indexOf('VP8L') + 8 + size);
    assert.ok(bytes.includes(coded));
    assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
    assert.equal(bytes[20]! & 0x04, 0, 'it does not say that it has XMP');
    assert.deepEqual(telling(await findings(bytes, 'image/webp')), []);
  });

  it('TIFF is told and not stripped', async () => {
    const found = await findings(files.exif(), 'image/tiff');
    assert.deepEqual([found.canStrip, found.reason], [false, 'kind']);
    assert.deepEqual(new Set(found.leaves), codes(found), 'all of it stays');
  });

  it('AVIF: EXIF is told, and overwritten in place', async () => {
    const bytes = files.avif();
    const found = await findings(bytes, 'image/avif');
    assert.equal(valueOf(found, 'location'), '59.50000, 10.75000');
    const result = await stripped(bytes, 'image/avif');
    requireNoSecrets(result);
    assert.equal(result.length, bytes.length, 'no offset changes');
    assert.ok(Buffer.from(result).includes('coded picture'));
    assert.deepEqual(telling(await findings(result, 'image/avif')), []);
  });

  describe('PDF', () => {
    it('tells Info, XMP, remarks, attachments, revisions, unused objects and its pictures', async () => {
      const found = await findings(files.pdf(), 'application/pdf');
      assert.equal(valueOf(found, 'earlier-version'), '1');
      assert.equal(valueOf(found, 'attachment'), 'raw-notes.txt');
      assert.equal(valueOf(found, 'comment'), 'is this true');
      assert.equal(valueOf(found, 'location'), '59.50000, 10.75000');
      assert.equal(valueOf(found, 'person'), author);
      assert.ok(found.items.some(({ value }) => value.includes('C:\\Users\\ottoline')));
      assert.deepEqual(new Set(found.leaves), new Set(['comment', 'attachment']));
    });

    it('stripped, opens in another reader with its words, and no revision, author or place is left', async () => {
      const bytes = await stripped(files.pdf(), 'application/pdf');
      const unfolded = withStreams(bytes);
      assert.ok(unfolded.includes('/Catalog'), 'objects in streams are seen');
      requireNoSecrets(unfolded);
      assert.ok(!unfolded.includes('taken out'));
      assert.equal(Buffer.from(bytes).toString('latin1').split('startxref').length, 2, 'one revision');
      const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
      const document = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
      const page = await document.getPage(1);
      const words = (await page.getTextContent()).items.map((item) => ('str' in item ? item.str : '')).join('');
      assert.equal(words, 'The minutes, shortened');
      const { info, metadata } = await document.getMetadata();
      const { Author, Producer, Creator, CreationDate, ModDate } = info as Record<string, unknown>;
      assert.deepEqual(
        [Author, Producer, Creator, CreationDate, ModDate],
        Array.from({ length: 5 }, () => undefined),
      );
      assert.equal(metadata, null);
      assert.deepEqual(telling(await findings(bytes, 'application/pdf')), ['attachment', 'comment'], 'as was told');
    });

    it('tells scripts, and that they stay', async () => {
      const found = await findings(files.pdf({ script: true }), 'application/pdf');
      assert.ok(found.leaves.includes('script'));
    });

    it('is not stripped when it is signed or encrypted', async () => {
      const text = Buffer.from(files.pdf({ revised: false })).toString('latin1');
      const signed = text.replace('<< /Removed', '<< /Type /Sig /Contents <00> /Removed');
      assert.equal((await findings(Buffer.from(signed, 'latin1'), 'application/pdf')).reason, 'signed');
      const locked = text.replace('/Info 11 0 R', '/Info 11 0 R /Encrypt 12 0 R');
      const found = await findings(Buffer.from(locked, 'latin1'), 'application/pdf');
      assert.deepEqual([found.canStrip, found.reason], [false, 'encrypted']);
    });
  });

  describe('office documents', () => {
    it('a letter tells names, company, comments, deleted text, template and the pictures in it', async () => {
      const found = await findings(files.docx(), DOCX);
      assert.ok(found.items.some(({ what, value }) => what === 'tracked-change' && value === 'the name of the source'));
      assert.equal(valueOf(found, 'comment'), 'ask the lawyer');
      assert.equal(valueOf(found, 'organisation'), 'Harbour Board');
      assert.equal(valueOf(found, 'location'), '59.50000, 10.75000');
      assert.ok(codes(found).has('document-id'));
      assert.deepEqual(new Set(found.leaves), new Set(['comment', 'tracked-change']));
    });

    it('stripped, is a whole archive of well-formed parts with the same text, and names nobody', async () => {
      const parts = unzipSync(await stripped(files.docx(), DOCX));
      assert.deepEqual(
        Object.keys(parts).filter((name) => name.startsWith('docProps')),
        [],
      );
      for (const [name, bytes] of Object.entries(parts)) {
        requireNoSecrets(bytes);
        if (/\.(xml|rels)$/.test(name)) parseXml(bytes);
      }
      const text = strFromU8(parts['word/document.xml']!);
      for (const kept of ['Dear all', 'and more', 'the name of the source', 'w:author="Author"'])
        assert.ok(text.includes(kept));
      assert.ok(!/rsid|w:date/.test(text));
      assert.ok(strFromU8(parts['word/comments.xml']!).includes('ask the lawyer'));
      assert.ok(!strFromU8(parts['[Content_Types].xml']!).includes('core.xml'));
      assert.ok(!strFromU8(parts['_rels/.rels']!).includes('core.xml'));
      assert.equal(await exifr.gps(Buffer.from(parts['word/media/image1.jpeg']!)), undefined);
    });

    it('OpenDocument likewise; its type stays first and as it is', async () => {
      const found = await findings(files.odt(), ODT);
      assert.ok(codes(found).has('thumbnail'));
      const bytes = await stripped(files.odt(), ODT);
      assert.equal(Buffer.from(bytes).toString('latin1', 30, 38), 'mimetype');
      const parts = unzipSync(bytes);
      assert.deepEqual(Object.keys(parts), ['mimetype', 'content.xml', 'META-INF/manifest.xml']);
      for (const part of Object.values(parts)) requireNoSecrets(part);
      assert.ok(strFromU8(parts['content.xml']!).includes('ask the lawyer'));
    });

    it('a part of another kind inside is told as not looked into', async () => {
      const found = await findings(files.docx({ 'word/vbaProject.bin': Uint8Array.of(1) }), DOCX);
      assert.equal(valueOf(found, 'not-looked'), 'word/vbaProject.bin');
      assert.ok(found.leaves.includes('not-looked'));
    });
  });

  it('MP3 and film are told and not stripped', async () => {
    const song = await findings(files.mp3(), 'audio/mpeg');
    assert.deepEqual([valueOf(song, 'person'), song.canStrip], [author, false]);
    const film = await findings(files.mov(), 'video/quicktime');
    assert.match(valueOf(film, 'location') ?? '', /\+59\.5000\+010\.7500/);
    assert.deepEqual([codes(film).has('date'), film.canStrip], [true, false]);
  });

  it('SVG loses what the drawing program noted, and stays the same drawing; HTML is told', async () => {
    const found = await findings(files.SVG_FILE, 'image/svg+xml');
    assert.ok(found.items.some(({ what, value }) => what === 'user-path' && value === '/home/ottoline/plan.png'));
    const bytes = await stripped(files.SVG_FILE, 'image/svg+xml');
    requireNoSecrets(bytes);
    assert.ok(strFromU8(bytes).includes('<rect width="8" height="8" fill="red"/>'));
    const page = await findings(files.HTML_FILE, 'text/html');
    assert.deepEqual([telling(page), page.canStrip], [['comment', 'person', 'software'], false]);
  });

  it('what nobody here can look into is told as such, and text has nothing beside it', async () => {
    assert.equal(valueOf(await findings('Rar!', 'application/vnd.rar'), 'not-looked'), 'application/vnd.rar');
    assert.deepEqual((await findings('words', 'text/plain')).items, []);
  });
});
