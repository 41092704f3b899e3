import { formatSize } from '../../../../shared/base/size.ts';
import type { BrowsedEntry } from '../../../../shared/ipc/browse-model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { waitForNeighbour } from '../job.ts';
import { oneLine, printable } from '../output.ts';
import { wholeNumber } from '../usage.ts';

/** More than anybody reads; a script that wants all of them says so. */
const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 1_000_000;

/** `browse USER [FOLDER]`: what a user shares, one entry a line, as they come; `--all` with what lies in the folders below. */
export async function browse(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const [publicKey, folder = ''] = args.positionals as [string, string?];
  const limit = wholeNumber(args, 'limit', DEFAULT_LIMIT, 1, MAX_LIMIT);
  const deep = args.flag('all');
  const { told, more, files, sizeBytes } = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    let count = 0;
    let after: string | undefined;
    for (;;) {
      signal.throwIfAborted();
      const asked = { publicKey, folder, deep, ...(after !== undefined && { after }) };
      const page = await Promise.race([session.client.call('users.browse', asked), session.lost]);
      const entries = page.entries.slice(0, limit - count);
      for (const entry of entries) output.result(jsonOf(entry), lineOf(entry));
      count += entries.length;
      const isCut = entries.length < page.entries.length || (count >= limit && page.next !== undefined);
      if (isCut || page.next === undefined) return { told: count, more: isCut, ...page };
      after = page.next;
    }
  });
  if (output.json) output.result({ done: true, entries: told, files, sizeBytes, more }, '');
  const size = formatSize(sizeBytes);
  output.say(`${files} files, ${size}, lie in it and below.${more ? ' There is more: raise --limit.' : ''}`);
  return 0;
}

function jsonOf(entry: BrowsedEntry): Record<string, unknown> {
  const { kind, name, sizeBytes } = entry;
  if (entry.kind === 'folder') return { name, kind, files: entry.files, sizeBytes };
  return { name, kind, folder: entry.folder, link: entry.link, sizeBytes, type: entry.fileKind };
}

function lineOf(entry: BrowsedEntry): string {
  const name = printable(oneLine(entry.name));
  if (entry.kind === 'folder') return `${name}/  ${entry.files} files, ${formatSize(entry.sizeBytes)}`;
  const path = entry.folder === '' ? name : `${printable(oneLine(entry.folder))}/${name}`;
  const type = entry.isProgram ? 'program (!)' : entry.fileKind;
  const misleads = entry.warnings === undefined ? '' : ' [misleading name]';
  return `${path}${misleads}  ${type}, ${formatSize(entry.sizeBytes)}\n  ${entry.link}`;
}
