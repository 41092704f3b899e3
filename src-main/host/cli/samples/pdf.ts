/**
 * A PDF of text, written by hand: PDF 1.4 (ISO 32000-1), one of the standard fonts for headings and one for text, which a
 * reader has to bring itself, so that nothing is embedded. Text in WinAnsi, which covers the Latin of our samples.
 */

export interface PdfPage {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

/** A4 in points, 1/72 inch. */
const WIDTH = 595;
const HEIGHT = 842;
const MARGIN = 72;
const TEXT_SIZE = 11;
const LEADING = 16;
const HEADING_SIZE = 22;
/** Characters in a line of 451 points: Helvetica's letters are half as wide as high on average; short of that. */
const LINE_LENGTH = 84;

/** The document as bytes; the same for the same pages. Throws when a page holds more than fits on it. */
export function makePdf(title: string, pages: readonly PdfPage[]): Uint8Array {
  const objects: string[] = [];
  const pageIds = pages.map((_, index) => 5 + index * 2);
  objects[1] = '<< /Type /Catalog /Pages 2 0 R /Lang (en) >>';
  objects[2] = `<< /Type /Pages /Count ${pages.length} /Kids [${pageIds.map((id) => `${id} 0 R`).join(' ')}] >>`;
  objects[3] = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>';
  objects[4] = '<< /Type /Font /Subtype /Type1 /BaseFont /Times-Bold /Encoding /WinAnsiEncoding >>';
  pages.forEach((page, index) => {
    const id = pageIds[index] ?? 0;
    const content = contentOf(page, index + 1, pages.length);
    objects[id] =
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] ` +
      `/Resources << /Font << /T 3 0 R /H 4 0 R >> >> /Contents ${id + 1} 0 R >>`;
    objects[id + 1] = `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
  });
  const infoId = 5 + pages.length * 2;
  objects[infoId] = `<< /Title ${quote(title)} /Producer (Broadside samples) >>`;

  // One character a byte from here on, so lengths and offsets are those of the file.
  let file = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n';
  const offsets: number[] = [];
  for (let id = 1; id <= infoId; id += 1) {
    offsets[id] = file.length;
    file += `${id} 0 obj\n${objects[id] ?? ''}\nendobj\n`;
  }
  const tableOffset = file.length;
  file += `xref\n0 ${infoId + 1}\n0000000000 65535 f \n`;
  for (let id = 1; id <= infoId; id += 1) file += `${String(offsets[id]).padStart(10, '0')} 00000 n \n`;
  file += `trailer\n<< /Size ${infoId + 1} /Root 1 0 R /Info ${infoId} 0 R >>\nstartxref\n${tableOffset}\n%%EOF\n`;
  return new Uint8Array(Buffer.from(file, 'latin1'));
}

function contentOf(page: PdfPage, number: number, count: number): string {
  const lines = page.paragraphs.flatMap((paragraph, index) => [...(index === 0 ? [] : ['']), ...wrap(paragraph)]);
  const top = HEIGHT - MARGIN;
  const room = Math.floor((top - 60 - MARGIN) / LEADING);
  if (lines.length > room) throw new Error(`page ${number} has ${lines.length} lines and room for ${room}`);
  const rules = `2 w ${MARGIN} ${top - 14} m ${WIDTH - MARGIN} ${top - 14} l S 0.5 w ${MARGIN} ${top - 11} m ${WIDTH - MARGIN} ${top - 11} l S`;
  const heading = `BT /H ${HEADING_SIZE} Tf ${MARGIN} ${top} Td ${quote(page.heading)} Tj ET`;
  const text = lines.map((line) => `${quote(line)} Tj T*`).join('\n');
  const body = `BT /T ${TEXT_SIZE} Tf ${LEADING} TL ${MARGIN} ${top - 44} Td\n${text}\nET`;
  const foot = `BT /T 9 Tf ${WIDTH - MARGIN - 60} ${MARGIN - 28} Td ${quote(`Page ${number} of ${count}`)} Tj ET`;
  return `${heading}\n${rules}\n${body}\n${foot}`;
}

function wrap(paragraph: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LINE_LENGTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A literal string: brackets and backslashes escaped, WinAnsi's own places for what is not in Latin-1. */
function quote(text: string): string {
  const winAnsi = text.replaceAll('–', '\x96').replaceAll('’', '\x92').replaceAll('“', '\x93').replaceAll('”', '\x94');
  return `(${winAnsi.replace(/[()\\]/g, '\\$&')})`;
}
