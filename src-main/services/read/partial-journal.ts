/**
 * What of a retrieval is on disk and was verified, a line each, so that the next run need not fetch it again:
 *
 *   {"format":1,"edition":"...","sizeBytes":N}       what it is a part of
 *   ["file",F,"name"]                                file F of the selection was begun under this name
 *   ["segment",F,S,"digest"]                         its segment S is on disk
 *
 * A line is written after what it tells of was flushed to disk. A last line that was cut off by a crash is left out; any
 * other that is not as above makes the whole of no use.
 */
import { open, readFile, stat, truncate } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import * as v from 'valibot';
import { MIB } from '../../../shared/base/units.ts';
import { isUnreadable } from './output-disk.ts';

const FORMAT = 1;
/** Some 800,000 segments of 4 MiB, or files: what lies beyond is fetched again. */
export const MAX_JOURNAL_BYTES = 64 * MIB;
const NEWLINE = 10;

const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const hex32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const HeaderSchema = v.strictObject({ format: v.literal(FORMAT), edition: hex32, sizeBytes: index });
const EntrySchema = v.union([
  v.strictTuple([v.literal('file'), index, v.pipe(v.string(), v.maxLength(4096))]),
  v.strictTuple([v.literal('segment'), index, index, hex32]),
]);

export type JournalEntry = v.InferOutput<typeof EntrySchema>;

/** What a retrieval is of. */
export interface JournalHeader {
  /** 32 bytes in hexadecimal. */
  readonly edition: string;
  readonly sizeBytes: number;
}

export interface ReadJournal {
  readonly header: JournalHeader;
  readonly entries: readonly JournalEntry[];
}

/** Undefined where there is none, or none of this form. Throws what the disk says of one that it does not let read. What a crash cut off is cut off for good. */
export async function readJournal(path: string): Promise<ReadJournal | undefined> {
  let bytes: Uint8Array;
  try {
    if ((await stat(path)).size > MAX_JOURNAL_BYTES) return undefined;
    bytes = await readFile(path);
  } catch (thrown) {
    if (isUnreadable(thrown)) throw thrown;
    return undefined;
  }
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  if (end < bytes.length) await truncate(path, end);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
    const [first, ...rest] = text.split('\n').slice(0, -1);
    if (first === undefined) return undefined;
    const { edition, sizeBytes } = v.parse(HeaderSchema, JSON.parse(first));
    return { header: { edition, sizeBytes }, entries: rest.map((line) => v.parse(EntrySchema, JSON.parse(line))) };
  } catch {
    return undefined;
  }
}

/** Appends to a journal. One writer at a time. */
export class JournalWriter {
  readonly #file: FileHandle;
  #sizeBytes: number;

  private constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  /** Goes on with the one that is there. */
  static async append(path: string): Promise<JournalWriter> {
    const file = await open(path, 'a', 0o600);
    return new JournalWriter(file, (await file.stat()).size);
  }

  /** Begins a new one, in place of any that is there. */
  static async create(path: string, { edition, sizeBytes }: JournalHeader): Promise<JournalWriter> {
    const writer = new JournalWriter(await open(path, 'w', 0o600), 0);
    try {
      await writer.#write([JSON.stringify({ format: FORMAT, edition, sizeBytes })]);
      return writer;
    } catch (thrown) {
      await writer.close();
      throw thrown;
    }
  }

  /** Durable when it resolves. Without effect once the journal is full. */
  write(entries: readonly JournalEntry[]): Promise<void> {
    return this.#write(entries.map((entry) => JSON.stringify(entry)));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #write(lines: readonly string[]): Promise<void> {
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
    if (this.#sizeBytes + bytes.length > MAX_JOURNAL_BYTES) return;
    this.#sizeBytes += bytes.length;
    await this.#file.writeFile(bytes);
    await this.#file.datasync();
  }
}
