/** A publication from a table of files, as the content origin reads one. */
import { createHash } from 'node:crypto';
import type { ServedFile, ServedPublication } from '../../src-main/host/content/answer.ts';

export interface TableFile {
  readonly type: string;
  readonly body: string | Uint8Array;
}

export function servedPublication(
  table: Readonly<Record<string, TableFile>>,
  options: { readonly shape?: ServedPublication['shape']; readonly index?: string; readonly title?: string } = {},
): ServedPublication & { readonly reads: string[] } {
  const bodies = new Map<string, Uint8Array>();
  const files: ServedFile[] = [];
  const reads: string[] = [];
  for (const [path, { type, body }] of Object.entries(table)) {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    bodies.set(path, bytes);
    files.push({
      path,
      type,
      sizeBytes: bytes.length,
      contentHash: new Uint8Array(createHash('sha256').update(bytes).digest()),
    });
  }
  return {
    title: options.title ?? 'A title',
    shape: options.shape ?? 'directory',
    ...(options.index !== undefined && { index: options.index }),
    files,
    reads,
    file: (path) => files.find((file) => file.path === path),
    async *read(path, start, end) {
      reads.push(`${path} ${start}-${end}`);
      const bytes = bodies.get(path)!;
      // Pieces of odd lengths, so that nothing relies on a whole file in one.
      for (let at = start; at < end; at += 1000) yield bytes.subarray(at, Math.min(at + 1000, end));
    },
  };
}
