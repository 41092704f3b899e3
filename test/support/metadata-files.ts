/** Files that tell about their authors, made from nothing: what each tells is known, for the test wrote it. */
import { crc32, deflateSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));

export const SECRETS = {
  author: 'Ottoline Vantongeren',
  serial: 'SN-4471-0093',
  camera: 'Kestrel X200',
  path: 'C:\\Users\\ottoline\\Desktop\\leak.docx',
  place: [59.5, 10.75] as const,
};

interface Entry {
  readonly tag: number;
  readonly type: 2 | 3 | 4 | 5 | 7;
  readonly values: Uint8Array;
  readonly count: number;
}
const text = (tag: number, value: string): Entry => ({
  tag,
  type: 2,
  values: latin1(`${value}\0`),
  count: value.length + 1,
});
const short = (tag: number, value: number): Entry => ({ tag, type: 3, values: Uint8Array.of(0, value), count: 1 });
const long = (tag: number, value: number): Entry => ({ tag, type: 4, values: be32(value), count: 1 });
const rationals = (tag: number, ...values: readonly number[]): Entry => ({
  tag,
  type: 5,
  values: joined(...values.flatMap((value) => [be32(value), be32(1)])),
  count: values.length,
});
function be32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return new Uint8Array(bytes);
}

/** A directory at `at`, its long values behind it. */
function directory(at: number, entries: readonly Entry[], next = 0): Uint8Array {
  const head = Buffer.alloc(2 + entries.length * 12 + 4);
  const tail: Uint8Array[] = [];
  let tailAt = at + head.length;
  head.writeUInt16BE(entries.length, 0);
  for (const [index, { tag, type, values, count }] of entries.entries()) {
    const where = 2 + index * 12;
    head.writeUInt16BE(tag, where);
    head.writeUInt16BE(type, where + 2);
    head.writeUInt32BE(count, where + 4);
    if (values.length <= 4) head.set(values, where + 8);
    else {
      head.writeUInt32BE(tailAt, where + 8);
      tail.push(values);
      tailAt += values.length;
    }
  }
  head.writeUInt32BE(next, head.length - 4);
  return joined(head, ...tail);
}

/** From its byte order mark on: author, camera, serial number, place, thumbnail, lying on its side. */
export function exif(orientation = 6): Uint8Array {
  const [latitude, longitude] = SECRETS.place;
  const main = (photo: number, gps: number, thumbnail: number): Uint8Array =>
    directory(
      8,
      [
        text(0x010f, 'Kestrel'),
        text(0x0110, SECRETS.camera),
        short(0x0112, orientation),
        text(0x0131, 'Darkroom 7'),
        text(0x013b, SECRETS.author),
        long(0x8769, photo),
        long(0x8825, gps),
      ],
      thumbnail,
    );
  const photoAt = 8 + main(0, 0, 0).length;
  const photo = directory(photoAt, [
    text(0x9003, '2026:03:01 10:20:30'),
    { tag: 0x927c, type: 7, values: latin1('maker notes of Kestrel'), count: 22 },
    text(0xa431, SECRETS.serial),
  ]);
  const gpsAt = photoAt + photo.length;
  const gps = directory(gpsAt, [
    text(1, 'N'),
    rationals(2, Math.floor(latitude), (latitude % 1) * 60, 0),
    text(3, 'E'),
    rationals(4, Math.floor(longitude), (longitude % 1) * 60, 0),
  ]);
  const thumbnailAt = gpsAt + gps.length;
  const picture = latin1('\xff\xd8small\xff\xd9');
  const entries = (at: number): Entry[] => [short(0x0103, 6), long(0x0201, at), long(0x0202, picture.length)];
  const length = directory(thumbnailAt, entries(0)).length;
  const thumbnail = joined(directory(thumbnailAt, entries(thumbnailAt + length)), picture);
  return joined(latin1('MM\0*'), be32(8), main(photoAt, gpsAt, thumbnailAt), photo, gps, thumbnail);
}

export const XMP = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Darkroom 7"><dc:creator><rdf:Seq><rdf:li>${SECRETS.author}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** A grey square of 8 x 8, baseline, decodable: tables of Annex K, one block of one coefficient. */
const PLAIN_JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APn+v//Z',
  'base64',
);

const segment = (marker: number, body: Uint8Array): Uint8Array =>
  joined([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff], body);

/** What Photoshop writes: one resource, IPTC, with a byline and a city. */
function photoshop(): Uint8Array {
  const dataset = (number: number, value: string): Uint8Array =>
    joined([0x1c, 2, number, 0, value.length], latin1(value));
  const iptc = joined(dataset(80, SECRETS.author), dataset(90, 'Drammen'));
  return joined(latin1('Photoshop 3.0\0'), latin1('8BIM'), [4, 4, 0, 0], be32(iptc.length), iptc);
}

export function jpeg({ trailing = true } = {}): Uint8Array {
  const plain = new Uint8Array(PLAIN_JPEG);
  const jfifEnd = 2 + 18;
  return joined(
    plain.subarray(0, jfifEnd),
    segment(0xe1, joined(latin1('Exif\0\0'), exif())),
    segment(0xe1, latin1(`http://ns.adobe.com/xap/1.0/\0${XMP}`)),
    segment(0xed, photoshop()),
    segment(0xe2, latin1('MPF\0index of a second picture')),
    segment(0xfe, latin1('shot from the kitchen window')),
    plain.subarray(jfifEnd),
    trailing
      ? joined(plain.subarray(0, jfifEnd), segment(0xe1, joined(latin1('Exif\0\0'), exif())), plain.subarray(jfifEnd))
      : [],
  );
}
export const plainJpeg = (): Uint8Array => new Uint8Array(PLAIN_JPEG);

function chunk(type: string, body: Uint8Array): Uint8Array {
  const named = joined(latin1(type), body);
  return joined(be32(body.length), named, be32(crc32(named)));
}

export function png({ telling = true } = {}): Uint8Array {
  const header = joined(be32(2), be32(2), [8, 2, 0, 0, 0]);
  const rows = Uint8Array.of(0, 255, 0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 255, 255);
  const told = [
    chunk('tEXt', latin1(`Author\0${SECRETS.author}`)),
    chunk('zTXt', joined(latin1('Comment\0\0'), deflateSync(latin1('drawn at the kitchen table')))),
    chunk('iTXt', joined(latin1('XML:com.adobe.xmp\0\0\0\0\0'), strToU8(XMP))),
    chunk('tIME', Uint8Array.of(0x07, 0xea, 3, 1, 10, 20, 30)),
    chunk('eXIf', exif()),
    chunk('prVt', latin1('whatever a program notes')),
  ];
  return joined(
    latin1('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', header),
    chunk('gAMA', be32(45_455)),
    ...(telling ? told : []),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array()),
    telling ? latin1('what was cut off before') : [],
  );
}

/** One pixel, lossless, in the extended form. */
export function webp(): Uint8Array {
  const plain = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64');
  const part = (type: string, body: Uint8Array): Uint8Array => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    return joined(latin1(type), size, body, body.length % 2 === 0 ? [] : [0]);
  };
  const parts = joined(
    part('VP8X', Uint8Array.of(0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
    plain.subarray(12),
    part('EXIF', exif()),
    part('XMP ', strToU8(XMP)),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(parts.length + 4);
  return joined(latin1('RIFF'), size, latin1('WEBP'), parts);
}

/** A page with words, Info, XMP, a remark by somebody, an attachment and a picture that says where; saved twice. */
export function pdf({ revised = true, script = false } = {}): Uint8Array {
  const picture = Buffer.from(jpeg({ trailing: false })).toString('latin1');
  const content = 'BT /F1 24 Tf 72 700 Td (The minutes) Tj ET';
  const stream = (head: string, body: string): string =>
    `<< ${head} /Length ${body.length} >>\nstream\n${body}\nendstream`;
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R /Names << /EmbeddedFiles << /Names [(notes) 9 0 R] >> >>${script ? ' /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>' : ''} >>`,
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Annots [8 0 R] /LastModified (D:20260301102030Z) /Resources << /Font << /F1 4 0 R >> /XObject << /Im 7 0 R >> >> >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    stream('', content),
    stream('/Type /Metadata /Subtype /XML', XMP),
    stream(
      '/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode',
      picture,
    ),
    `<< /Type /Annot /Subtype /Text /Rect [10 10 20 20] /T (${SECRETS.author}) /M (D:20260301102030Z) /Contents (is this true) >>`,
    '<< /Type /Filespec /F (raw-notes.txt) /UF (raw-notes.txt) /EF << /F 10 0 R >> >>',
    stream('/Type /EmbeddedFile', 'names of the sources'),
    `<< /Author (${SECRETS.author}) /Producer (Darkroom 7) /CreationDate (D:20260301102030Z) /Home (${SECRETS.path.replaceAll('\\', '\\\\')}) >>`,
    '<< /Removed (a paragraph that was taken out) >>',
  ];
  let whole = '%PDF-1.4\n';
  const offsets = objects.map((body, index) => {
    const offset = whole.length;
    whole += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const start = whole.length;
  whole += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  whole += offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  whole += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 11 0 R /ID [<00112233> <00112233>] >>\nstartxref\n${start}\n%%EOF\n`;
  if (revised) {
    const at = whole.length;
    whole += `5 0 obj\n${stream('', content.replace('minutes', 'minutes, shortened'))}\nendobj\n`;
    const second = whole.length;
    whole += `xref\n5 1\n${String(at).padStart(10, '0')} 00000 n \ntrailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 11 0 R /Prev ${start} >>\nstartxref\n${second}\n%%EOF\n`;
  }
  return latin1(whole);
}

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A letter with an author, a company, a comment, a change, a template, a picture, and sessions of editing. */
export function docx(over: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  const part = (xml: string): Uint8Array => strToU8(XML_HEAD + xml);
  return zipSync({
    '[Content_Types].xml': part(
      `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`,
    ),
    '_rels/.rels': part(
      `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="${PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`,
    ),
    'docProps/core.xml': part(
      `<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:creator>${SECRETS.author}</dc:creator><cp:lastModifiedBy>ottoline</cp:lastModifiedBy><dcterms:created>2026-03-01T10:20:30Z</dcterms:created></cp:coreProperties>`,
    ),
    'docProps/app.xml': part(
      '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Wordsmith</Application><Company>Harbour Board</Company></Properties>',
    ),
    'word/document.xml': part(
      `<w:document ${W}><w:body><w:p w:rsidR="00A1B2C3"><w:r><w:t>Dear all</w:t></w:r><w:ins w:id="1" w:author="${SECRETS.author}" w:date="2026-03-01T10:20:30Z"><w:r><w:t>and more</w:t></w:r></w:ins><w:del w:id="2" w:author="${SECRETS.author}"><w:r><w:delText>the name of the source</w:delText></w:r></w:del></w:p></w:body></w:document>`,
    ),
    'word/comments.xml': part(
      `<w:comments ${W}><w:comment w:id="0" w:author="${SECRETS.author}" w:initials="OV" w:date="2026-03-01T10:20:30Z"><w:p><w:r><w:t>ask the lawyer</w:t></w:r></w:p></w:comment></w:comments>`,
    ),
    'word/settings.xml': part(
      `<w:settings ${W} xmlns:r="${OFFICE}"><w:attachedTemplate r:id="rId1"/><w:rsids><w:rsidRoot w:val="00A1B2C3"/></w:rsids></w:settings>`,
    ),
    'word/_rels/settings.xml.rels': part(
      `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/attachedTemplate" Target="file:///C:/Users/ottoline/letter.dotx" TargetMode="External"/></Relationships>`,
    ),
    'word/media/image1.jpeg': jpeg(),
    ...over,
  });
}

/** OpenDocument text with a generator, an author, a remark and a change. */
export function odt(): Uint8Array {
  const spaces =
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"';
  return zipSync({
    mimetype: [strToU8('application/vnd.oasis.opendocument.text'), { level: 0 }],
    'meta.xml': strToU8(
      `<office:document-meta ${spaces}><office:meta><meta:generator>Wordsmith</meta:generator><meta:initial-creator>${SECRETS.author}</meta:initial-creator></office:meta></office:document-meta>`,
    ),
    'content.xml': strToU8(
      `<office:document-content ${spaces}><office:body><office:text><text:p>Dear all<office:annotation><dc:creator>${SECRETS.author}</dc:creator><dc:date>2026-03-01T10:20:30</dc:date><text:p>ask the lawyer</text:p></office:annotation></text:p></office:text></office:body></office:document-content>`,
    ),
    'Thumbnails/thumbnail.png': png({ telling: false }),
    'META-INF/manifest.xml': strToU8(
      '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/><manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
    ),
  });
}

/** ID3v2.3 with an artist and a remark before two frames of silence. */
export function mp3(): Uint8Array {
  const frame = (id: string, body: string): Uint8Array =>
    joined(latin1(id), be32(body.length + 1), [0, 0, 0], latin1(body));
  const tags = joined(frame('TPE1', SECRETS.author), frame('TENC', 'Wordsmith'));
  const silence = joined([0xff, 0xfb, 0x90, 0x00], new Uint8Array(413));
  return joined(latin1('ID3'), [3, 0, 0, 0, 0, tags.length >> 7, tags.length & 127], tags, silence, silence);
}

/** A film without pictures, which says when and where, as telephones write it. */
export function mov(): Uint8Array {
  const box = (type: string, ...body: readonly Uint8Array[]): Uint8Array => {
    const inside = joined(...body);
    return joined(be32(inside.length + 8), latin1(type), inside);
  };
  const place = '+59.5000+010.7500/';
  const header = box(
    'mvhd',
    be32(0),
    be32(3_850_000_000),
    be32(3_850_000_000),
    be32(1000),
    be32(0),
    new Uint8Array(80),
  );
  const user = box('udta', box('\xa9xyz', Uint8Array.of(0, place.length, 0x15, 0xc7), latin1(place)));
  return joined(box('ftyp', latin1('qt  '), be32(0), latin1('qt  ')), box('moov', header, user), box('mdat'));
}

export const SVG_FILE = `<?xml version="1.0"?>
<!-- drawn by ${SECRETS.author} -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" width="8" height="8" sodipodi:docname="plan of the house.svg" inkscape:export-filename="/home/ottoline/plan.png"><metadata id="m"/><sodipodi:namedview id="base"/><rect width="8" height="8" fill="red"/></svg>`;

export const HTML_FILE = `<!doctype html><html><head><meta name="author" content="${SECRETS.author}"><meta name="generator" content="Wordsmith"></head><body><!-- ask the lawyer --><p>Dear all</p></body></html>`;

/** The boxes of an AVIF with one item, EXIF, and something in the place of the coded picture. */
export function avif(): Uint8Array {
  const box = (type: string, ...body: readonly (Uint8Array | readonly number[])[]): Uint8Array => {
    const inside = joined(...body);
    return joined(be32(inside.length + 8), latin1(type), inside);
  };
  const item = joined(be32(0), exif());
  const type = box('ftyp', latin1('avif'), be32(0), latin1('avifmif1'));
  const meta = (offset: number): Uint8Array =>
    box(
      'meta',
      be32(0),
      box('iinf', be32(0), [0, 1], box('infe', [2, 0, 0, 0], [0, 1], [0, 0], latin1('Exif\0'))),
      box('iloc', be32(0), [0x44, 0], [0, 1], [0, 1], [0, 0], [0, 1], be32(offset), be32(item.length)),
    );
  const before = type.length + meta(0).length + 8;
  return joined(type, meta(before), box('mdat', item, latin1('coded picture')));
}
