/**
 * What the person does not want to see: sources, contents and words; and users, of which some are hot. Rows of the library's store, so
 * sealed on disk; nobody else learns of them.
 */
import * as v from 'valibot';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { HiddenSchema, UserSchema } from '../../../shared/ipc/search-model.ts';
import type { Hidden, User } from '../../../shared/ipc/search-model.ts';
import { contentId } from '../../core/search/collector.ts';
import type { Judgement } from '../../core/search/collector.ts';
import type { Hit } from '../../core/search/entry.ts';
import { stands } from '../../core/search/match.ts';
import type { Fields } from '../../core/search/match.ts';
import type { Term } from '../../core/search/query.ts';
import { joinWords, queryWordsOf } from '../../core/search/words.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';
import { Rows } from '../addresses/rows.ts';
import type { Clock } from '../jobs/clock.ts';
import { shortName } from '../node/node-status.ts';

/** More than anybody hides by hand; each hidden word is looked for in each hit, a microsecond. Guesses. */
export const MAX_HIDDEN = 10_000;
export const MAX_HIDDEN_WORDS = 256;
export const MAX_USERS = 4_096;

/** With what the rating learned when it was hidden, to be taken back. */
const StoredHiddenSchema = v.object({
  ...HiddenSchema.entries,
  features: v.optional(v.pipe(v.array(v.string()), v.maxLength(64))),
});
type StoredHidden = v.InferOutput<typeof StoredHiddenSchema>;

const StoredUserSchema = v.object({
  publicKey: UserSchema.entries.publicKey,
  label: UserSchema.entries.label,
  isHot: v.boolean(),
  isBlocked: v.boolean(),
  atMs: v.number(),
});
type StoredUser = v.InferOutput<typeof StoredUserSchema>;

export interface UserChange {
  readonly publicKey: string;
  readonly label?: string | undefined;
  readonly isHot?: boolean | undefined;
  readonly isBlocked?: boolean | undefined;
}

export interface HidingDeps {
  readonly clock: Clock;
  readonly libraryStore: LibraryStore;
  /** Whether a user is linked to this node, or was found a moment ago. */
  readonly isOnline: (publicKey: string) => boolean;
  readonly changed: (what: 'users' | 'hidden') => void;
}

export class Hiding {
  readonly #deps: HidingDeps;
  readonly #hidden: Rows<StoredHidden>;
  readonly #users: Rows<StoredUser>;
  readonly #words = new Map<string, Term>();

  constructor(deps: HidingDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#hidden = new Rows(deps.libraryStore, rows, 'hidden', StoredHiddenSchema, MAX_HIDDEN);
    this.#users = new Rows(deps.libraryStore, rows, 'user', StoredUserSchema, MAX_USERS);
    for (const { kind, value } of this.#hidden.list()) if (kind === 'word') this.#words.set(value, termOf(value));
  }

  judge(hit: Hit, fields: Fields): Judgement {
    if (hit.kind === 'direct' && this.#users.get(toHex(hit.source))?.isBlocked === true) return 'hidden';
    if (this.#hidden.get(keyOf('content', contentId(hit))) !== undefined) return 'hidden';
    for (const term of this.#words.values()) if (fields.some((words) => stands(term, words))) return 'hidden';
    return 'shown';
  }

  /** Latest first; users that are blocked among them. */
  list(): Hidden[] {
    const blocked = this.#users.list().filter(({ isBlocked }) => isBlocked);
    return [...this.#hidden.list().map(shownHidden), ...blocked.map(hiddenUser)].sort(
      (a, b) => (b.atMs ?? 0) - (a.atMs ?? 0),
    );
  }

  /** `features`: what the rating learned of it. */
  async add(kind: Hidden['kind'], text: string, label?: string, features?: readonly string[]): Promise<Hidden> {
    const value = valueOf(kind, text);
    if (kind === 'source') {
      await this.setUser({ publicKey: value, isBlocked: true, ...(label !== undefined && { label }) });
      return hiddenUser(this.#users.get(value)!);
    }
    if (kind === 'word' && !this.#words.has(value) && this.#words.size >= MAX_HIDDEN_WORDS)
      throw new BroadsideError('no-space', `${MAX_HIDDEN_WORDS} words are hidden already. Remove some first.`);
    const hidden: Hidden = { kind, value, label: label ?? value, atMs: this.#deps.clock.now() };
    features ??= this.#hidden.get(keyOf(kind, value))?.features;
    await this.#hidden.put(keyOf(kind, value), {
      ...hidden,
      ...(features !== undefined && { features: [...features] }),
    });
    if (kind === 'word') this.#words.set(value, termOf(value));
    this.#deps.changed('hidden');
    return hidden;
  }

  /** What the rating learned when it was hidden. One that is not hidden is no error. */
  async remove(kind: Hidden['kind'], text: string): Promise<readonly string[] | undefined> {
    const value = valueOf(kind, text);
    if (kind === 'source') {
      if (this.#users.get(value) !== undefined) await this.setUser({ publicKey: value, isBlocked: false });
      return undefined;
    }
    const features = this.#hidden.get(keyOf(kind, value))?.features;
    await this.#hidden.remove(keyOf(kind, value));
    this.#words.delete(value);
    this.#deps.changed('hidden');
    return features;
  }

  isHidden(kind: Hidden['kind'], text: string): boolean {
    const value = valueOf(kind, text);
    if (kind === 'source') return this.#users.get(value)?.isBlocked === true;
    return this.#hidden.get(keyOf(kind, value)) !== undefined;
  }

  /** Hot ones first, then by what they are called. */
  users(): User[] {
    return this.#users
      .list()
      .map((user) => this.#shown(user))
      .sort((a, b) => Number(b.isHot) - Number(a.isHot) || (a.label ?? a.name).localeCompare(b.label ?? b.name));
  }

  async setUser({ publicKey, label, isHot, isBlocked }: UserChange): Promise<User> {
    const key = valueOf('source', publicKey);
    const before = this.#users.get(key);
    const name = (label ?? before?.label ?? '').trim();
    const user: StoredUser = {
      publicKey: key,
      ...(name !== '' && { label: name }),
      isHot: isHot ?? before?.isHot ?? false,
      isBlocked: isBlocked ?? before?.isBlocked ?? false,
      atMs: this.#deps.clock.now(),
    };
    if (user.isHot || user.isBlocked || user.label !== undefined) await this.#users.put(key, user);
    else await this.#users.remove(key);
    this.#deps.changed('users');
    if (user.isBlocked !== (before?.isBlocked ?? false)) this.#deps.changed('hidden');
    return this.#shown(user);
  }

  async close(): Promise<void> {
    await Promise.all([this.#hidden.close(), this.#users.close()]);
  }

  #shown(stored: StoredUser): User {
    const { atMs: _, ...user } = stored;
    return { ...user, name: shortName(fromHex(user.publicKey)!), online: this.#deps.isOnline(user.publicKey) };
  }
}

function shownHidden(stored: StoredHidden): Hidden {
  const { features: _, ...hidden } = stored;
  return hidden;
}

function hiddenUser({ publicKey, label, atMs }: StoredUser): Hidden {
  return { kind: 'source', value: publicKey, label: label ?? shortName(fromHex(publicKey)!), atMs };
}

const keyOf = (kind: Hidden['kind'], value: string): string => `${kind} ${value}`;

/** In its one spelling. Throws `usage`. */
function valueOf(kind: Hidden['kind'], text: string): string {
  if (kind === 'word') {
    const words = joinWords(queryWordsOf(text));
    if (words !== '') return words;
    throw new BroadsideError('usage', 'There is no word in this to hide. Type one.');
  }
  const pattern = kind === 'source' ? /^[0-9a-f]{64}$/ : /^(?:direct|anonymous):[0-9a-f]{64}$/;
  if (pattern.test(text)) return text;
  throw new BroadsideError(
    'usage',
    kind === 'source'
      ? 'This is not the public key of a user, which has 64 hexadecimal digits.'
      : 'This is not the id of a result. Take it from a search.',
  );
}

function termOf(value: string): Term {
  const words = queryWordsOf(value);
  return { kind: words.length > 1 ? 'phrase' : 'word', words, excluded: false };
}
