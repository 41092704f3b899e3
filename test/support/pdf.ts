/** A PDF 1.4 (ISO 32000) of pages of plain lines in Helvetica, one of the fonts that every viewer brings. */

const PAGE_WIDTH = 595;
const PAGE_HEIGHT = 842;
const MARGIN = 72;

/** Lines are ASCII; they are not wrapped. */
export function makePdf(title: string, pages: readonly (readonly string[])[]): Uint8Array {
  const objects: string[] = [];
  const add = (body: string): number => objects.push(body);
  const catalog = add('');
  const tree = add('');
  const font = add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  const bold = add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>');
  const kids = pages.map((lines, index) => {
    const head = index === 0 ? `BT /F2 20 Tf ${MARGIN} ${PAGE_HEIGHT - MARGIN} Td (${escaped(title)}) Tj ET\n` : '';
    const rule = `${MARGIN} ${PAGE_HEIGHT - MARGIN - 14} m ${PAGE_WIDTH - MARGIN} ${PAGE_HEIGHT - MARGIN - 14} l 2 w S\n`;
    const text = lines.map((line) => `(${escaped(line)}) Tj T*`).join('\n');
    const stream = `${head}${rule}BT /F1 12 Tf 17 TL ${MARGIN} ${PAGE_HEIGHT - MARGIN - 44} Td\n${text}\nET`;
    const content = add(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
    return add(
      `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 ${PAGE_WIDTH} ${PAGE_HEIGHT}] /Contents ${content} 0 R ` +
        `/Resources << /Font << /F1 ${font} 0 R /F2 ${bold} 0 R >> >> >>`,
    );
  });
  objects[catalog - 1] = `<< /Type /Catalog /Pages ${tree} 0 R >>`;
  objects[tree - 1] = `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] >>`;

  let text = '%PDF-1.4\n';
  const offsets = objects.map((body, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  text += offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  text += `trailer\n<< /Size ${objects.length + 1} /Root ${catalog} 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

function escaped(text: string): string {
  return text.replace(/[\\()]/g, '\\$&');
}
