/** Results of a search as lines for people. */
import { formatSize } from '../../../shared/base/size.ts';
import type { Result, SearchState } from '../../../shared/ipc/search-model.ts';
import { oneLine, printable } from './output.ts';

/** Columns of a name before it is cut, where the output is no terminal. */
const PLAIN_NAME_COLUMNS = 60;
const LEAST_NAME_COLUMNS = 24;
/** Letters that take two columns, and what takes none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NARROW = /[\p{M}\p{Cf}\ufe0f]/u;

/** Name, kind, type, size and sources in columns, and below each its link, and who shares it `withUsers`. `width`: of the terminal; undefined: none. */
export function resultTable(
  results: readonly Result[],
  width: number | undefined = process.stdout.columns,
  withUsers = false,
): string {
  const cells = results.map((result) => [
    result.kind,
    result.isProgram ? 'program (!)' : result.fileKind,
    formatSize(result.sizeBytes),
    fromOf(result),
  ]);
  const heads = ['travels', 'type', 'size', 'from'];
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]!.length)));
  const others = widths.reduce((sum, column) => sum + column + 2, 0);
  const most = width === undefined ? PLAIN_NAME_COLUMNS : Math.max(LEAST_NAME_COLUMNS, width - others);
  const names = results.map((result) => nameOf(result, most));
  const nameWidth = Math.max(4, ...names.map(columnsOf));
  const line = (name: string, row: readonly string[]): string =>
    [pad(name, nameWidth), ...row.map((cell, at) => (at === 2 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))]
      .join('  ')
      .trimEnd();
  return [
    line('name', heads),
    ...results.flatMap((result, at) => [
      line(names[at]!, cells[at]!),
      `  ${result.link}`,
      ...(withUsers ? (result.sourceNames ?? []).map(({ publicKey }) => `  shared by ${publicKey}`) : []),
    ]),
  ].join('\n');
}

/** How the search went, in one line. */
export function summary({ end, hubsAsked, hidden }: SearchState, found: number): string {
  const asked = hubsAsked === 1 ? 'one hub' : `${hubsAsked} hubs`;
  const ends: Readonly<Record<NonNullable<SearchState['end']>, string>> = {
    exhausted: hubsAsked === 0 ? 'all were asked' : `${asked} asked, all that could have more`,
    enough: 'there may be more: add words, or raise --limit',
    time: `${asked} asked before time was over`,
    'no-hubs': 'there was nobody to ask',
    stopped: `${asked} asked before it was stopped`,
  };
  const what = found === 0 ? 'Nothing found' : `${found} found`;
  return `${what}; ${ends[end ?? 'exhausted']}.${hidden > 0 ? ` ${hidden} hidden.` : ''}`;
}

/** In so many columns; what misleads is said even where the name is cut. */
function nameOf({ name, folder, warnings }: Result, most: number): string {
  const misleads = warnings === undefined ? '' : ' [misleading name]';
  const text = printable(oneLine(folder === undefined ? name : `${name} (${folder})`));
  return cut(text, most - misleads.length) + misleads;
}

function fromOf({ kind, sources = 0, freeSources = 0, sinceMs }: Result): string {
  if (kind === 'anonymous') return sinceMs === undefined ? '' : new Date(sinceMs).toISOString().slice(0, 10);
  const free = freeSources > 0 ? `, ${freeSources} free` : '';
  return sources === 1 ? `1 source${free}` : `${sources} sources${free}`;
}

function columnsOf(text: string): number {
  let columns = 0;
  for (const letter of text) columns += NARROW.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
  return columns;
}

function cut(text: string, most: number): string {
  if (columnsOf(text) <= most) return text;
  let kept = '';
  for (const letter of text) {
    if (columnsOf(kept + letter) > most - 1) break;
    kept += letter;
  }
  return `${kept}…`;
}

function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}
