/** What users share, looked through page by page; and what of this node's own shares others may look through. */
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatFileLink } from '../../../shared/base/file-links.ts';
import { fileKindOf, isProgram, nameWarnings } from '../../../shared/base/file-kinds.ts';
import { isPathSegment } from '../../../shared/base/paths.ts';
import type { BrowsedEntry, BrowsedPage } from '../../../shared/ipc/browse-model.ts';
import type { Params } from '../../../shared/ipc/contract.ts';
import { MAX_FOLDER_BYTES } from '../../core/limits.ts';
import type { KnownNode } from '../../core/ports.ts';
import { cursorOf } from '../../core/transfer/shelves.ts';
import type { BrowseOutcome, ShelfCursor, ShelfEntry, ShelfFile, ShelfPage } from '../../core/transfer/shelves.ts';
import type { ShelfQuestion, ShelfRefusal } from '../../core/transfer/shelves.ts';
import type { Clock } from '../jobs/clock.ts';
import { shortName } from '../node/node-status.ts';
import type { BrowseNetwork } from '../node/browse-network.ts';

const DAY_MS = 86_400_000;
/** A user that answers `not now` is asked again after so long, so often; then it is said. Guesses. */
const AGAIN_MS = 1_000;
const MAX_TRIES = 10;

export interface BrowseDeps {
  readonly clock: Clock;
  readonly network: Pick<BrowseNetwork, 'page'>;
  /** Whether a content is shared from this machine. */
  readonly isHere: (root: Uint8Array) => boolean;
}

/** What the answers to others depend on. */
export interface ShelfRules {
  readonly isAllowed: () => boolean;
  /** `publicKey`: hexadecimal. */
  readonly isBlocked: (publicKey: string) => boolean;
  readonly page: (question: ShelfQuestion) => ShelfPage | undefined;
}

export class Browse {
  readonly #deps: BrowseDeps;

  constructor(deps: BrowseDeps) {
    this.#deps = deps;
  }

  /** Throws as the contract says of users.browse. */
  async page({ publicKey, folder = '', deep = false, after }: Params<'users.browse'>): Promise<BrowsedPage> {
    const question = { folder: folderOf(folder), deep, after: after === undefined ? undefined : parseCursor(after) };
    const { files, sizeBytes, entries, more } = await this.#ask(userOf(publicKey), question);
    const last = entries.at(-1);
    return {
      ...{ files, sizeBytes },
      entries: entries.map((entry) => this.#shown(entry)),
      ...(more && last !== undefined && { next: formatCursor(cursorOf(last)) }),
    };
  }

  /** All files below a folder, page by page, in their order. Throws as `page` does. */
  async *files(publicKey: string, folder: string, signal: AbortSignal): AsyncGenerator<readonly ShelfFile[]> {
    const node = userOf(publicKey);
    let after: ShelfCursor | undefined;
    for (;;) {
      const { entries, more } = await this.#ask(node, { folder: folderOf(folder), deep: true, after }, signal);
      yield entries.filter((entry) => entry.kind === 'file');
      if (!more) return;
      after = cursorOf(entries.at(-1)!);
    }
  }

  async #ask(node: KnownNode, question: ShelfQuestion, signal?: AbortSignal): Promise<ShelfPage> {
    const { network, clock } = this.#deps;
    for (let count = 1; ; count += 1) {
      const outcome = await network.page(node, question, signal);
      if (typeof outcome === 'object') return outcome;
      if (outcome !== 'busy' || count >= MAX_TRIES)
        throw problemOf(outcome, shortName(node.publicKey), question.folder);
      await new Promise<void>((resolve) => clock.after(AGAIN_MS, resolve));
    }
  }

  #shown(entry: ShelfEntry): BrowsedEntry {
    if (entry.kind === 'folder') return entry;
    const { root, name, folder, sizeBytes, day } = entry;
    const warnings = nameWarnings(name);
    return {
      ...{ kind: 'file', name, folder, sizeBytes },
      link: formatFileLink({ root, name, sizeBytes }),
      fileKind: fileKindOf(name),
      isProgram: isProgram(name),
      ...(warnings.length > 0 && { warnings }),
      sinceMs: day * DAY_MS,
      isHere: this.#deps.isHere(root),
    };
  }
}

/** What a user who looks through this node's shares is answered. */
export function shelfFor(
  { isAllowed, isBlocked, page }: ShelfRules,
  publicKey: Uint8Array,
  question: ShelfQuestion,
): ShelfPage | ShelfRefusal {
  if (!isAllowed() || isBlocked(toHex(publicKey))) return 'refused';
  return page(question) ?? 'missing';
}

/** Throws `usage`. */
export function userOf(publicKey: string): KnownNode {
  const key = fromHex(publicKey);
  if (key?.length !== 32)
    throw new BroadsideError('usage', 'This is not the key of a user: those have 64 hexadecimal digits.');
  return { publicKey: key };
}

/** As it is sent: no slashes around it. Throws `usage`. */
export function folderOf(text: string): string {
  const folder = text.replace(/^\/+|\/+$/gu, '');
  const isFolder = folder === '' || folder.split('/').every(isPathSegment);
  if (!isFolder || Buffer.byteLength(folder) > MAX_FOLDER_BYTES)
    throw new BroadsideError('usage', `${JSON.stringify(text)} is not a folder that anybody can share.`);
  return folder;
}

function formatCursor(cursor: ShelfCursor): string {
  if (cursor.kind === 'folder') return `d${cursor.name}`;
  return `f${toHex(cursor.root)}${cursor.folder}/${cursor.name}`;
}

function parseCursor(text: string): ShelfCursor {
  const file = /^f([0-9a-f]{64})(?:(.+))?\/([^/]+)$/su.exec(text);
  const name = file?.[3] ?? text.slice(1);
  const isCursor = (file !== null || text.startsWith('d')) && isPathSegment(name);
  if (!isCursor) throw new BroadsideError('usage', 'This is not where a page ended.');
  if (file === null) return { kind: 'folder', name };
  return { kind: 'file', root: fromHex(file[1]!)!, folder: folderOf(file[2] ?? ''), name };
}

function problemOf(outcome: Exclude<BrowseOutcome, ShelfPage>, name: string, folder: string): BroadsideError {
  switch (outcome) {
    case 'refused':
      return new BroadsideError(
        'refused',
        `${name} does not let others look through what it shares. Search for single files.`,
      );
    case 'missing':
      return new BroadsideError(
        'not-found',
        `${name} shares no folder ${JSON.stringify(folder)} now. Look through the one above.`,
      );
    case 'busy':
      return new BroadsideError('busy', `${name} has too much to answer now. Try again in a minute.`);
    case 'offline':
      return new BroadsideError(
        'offline',
        `${name} cannot be reached now. Try again later, or remember it on the hot list.`,
      );
    case 'silent':
      return new BroadsideError(
        'offline',
        `${name} did not answer. It may run a version that cannot be looked through, or be gone.`,
      );
    case 'lied':
      return new BroadsideError('damaged', `${name} answered what no honest node answers. Nothing of it is shown.`);
  }
}
