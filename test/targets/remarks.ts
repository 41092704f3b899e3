/**
 * What is written by hand about rows: the cause of what falls short, how it was found, what was tried. Markdown, a heading of
 * the second order for each row; nothing of it is made, and the page has it below the table of its row.
 */

export type Remarks = ReadonlyMap<string, string>;

/** By the row's id. Throws for a heading that stands twice or has nothing below it. */
export function readRemarks(text: string): Remarks {
  const remarks = new Map<string, string>();
  const [, ...parts] = text.split(/^## /m);
  for (const part of parts) {
    const end = part.indexOf('\n');
    const [id, body] = end < 0 ? [part.trim(), ''] : [part.slice(0, end).trim(), part.slice(end + 1).trim()];
    if (remarks.has(id)) throw new Error(`two remarks on ${id}`);
    if (body === '') throw new Error(`the remark on ${id} is empty`);
    remarks.set(id, body);
  }
  return remarks;
}
