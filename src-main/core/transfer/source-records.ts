import { toHex, u32Bytes } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../effects.ts';
import {
  CLOCK_SKEW_MINUTES,
  MAX_RECORDS_OF_FILE,
  MAX_RECORD_CHECKS,
  MAX_SOURCE_FILES,
  MAX_TOLD_SOURCES,
  SOURCE_MINUTES,
} from '../limits.ts';
import type { KeyPair, KnownNode } from '../ports.ts';
import { encode } from '../wire/codec.ts';
import { MAX_CONTACT_BYTES, writeContact } from '../wire/contact.ts';
import type { SourceRecord } from '../wire/transfer-messages.ts';

interface SourceRecordsParts {
  readonly context: NodeContext;
  /** The network's id, as in hello. */
  readonly networkId: Uint8Array;
  readonly keyPair: KeyPair;
  /** Where others can dial this node; undefined where they cannot, as far as is known. */
  readonly address: () => { readonly host: string; readonly port: number } | undefined;
}

/**
 * Who says of itself that it has a file: this node's own word, and those that others gave it, for telling on. Only who
 * signed is named by a record, so nobody is made a target; the address in it is a hint that the transport tries with one ping.
 */
export class SourceRecords {
  readonly #parts: SourceRecordsParts;
  /** By root, the one that was told of last at the end; then by key. */
  readonly #known = new Map<string, Map<string, SourceRecord>>();
  #checks = 0;
  #checksMinute = 0;

  constructor(parts: SourceRecordsParts) {
    this.#parts = parts;
  }

  /** Files of which records are known. */
  get size(): number {
    return this.#known.size;
  }

  /** This node's own word. */
  own(root: Uint8Array): SourceRecord {
    const { context, keyPair, address } = this.#parts;
    const contact: KnownNode = { publicKey: keyPair.publicKey, ...address() };
    const unsigned = { contact, expiresMinutes: this.#nowMinutes() + SOURCE_MINUTES };
    return { ...unsigned, signature: context.crypto.sign(this.#digest(root, unsigned), keyPair.secretKey) };
  }

  /** Records that are right and of others, as nodes to be asked; they are remembered. Undefined: a forged one was among them. */
  accept(root: Uint8Array, records: readonly SourceRecord[]): KnownNode[] | undefined {
    const { context, keyPair } = this.#parts;
    const nowMinutes = this.#nowMinutes();
    const nodes: KnownNode[] = [];
    for (const record of records) {
      const { contact, expiresMinutes, signature } = record;
      const isCurrent =
        expiresMinutes > nowMinutes && expiresMinutes <= nowMinutes + SOURCE_MINUTES + CLOCK_SKEW_MINUTES;
      if (!isCurrent || toHex(contact.publicKey) === toHex(keyPair.publicKey) || !this.#mayCheck()) continue;
      if (!context.crypto.verify(signature, this.#digest(root, record), contact.publicKey)) return undefined;
      nodes.push(contact);
      this.#remember(root, record);
    }
    return nodes;
  }

  /** Some of those that are known, drawn at random, without the one that asks. */
  told(root: Uint8Array, asker: string): SourceRecord[] {
    const known = this.#known.get(toHex(root));
    if (known === undefined) return [];
    const nowMinutes = this.#nowMinutes();
    for (const [key, record] of known) if (record.expiresMinutes <= nowMinutes) known.delete(key);
    const others = [...known].filter(([key]) => key !== asker).map(([, record]) => record);
    const { random } = this.#parts.context;
    for (let index = others.length - 1; index > 0; index -= 1) {
      const other = random.below(index + 1);
      [others[index], others[other]] = [others[other]!, others[index]!];
    }
    return others.slice(0, MAX_TOLD_SOURCES);
  }

  #remember(root: Uint8Array, record: SourceRecord): void {
    const name = toHex(root);
    const known = this.#known.get(name) ?? new Map<string, SourceRecord>();
    this.#known.delete(name);
    this.#known.set(name, known);
    if (this.#known.size > MAX_SOURCE_FILES) this.#known.delete(this.#known.keys().next().value!);
    const key = toHex(record.contact.publicKey);
    known.delete(key);
    known.set(key, record);
    if (known.size > MAX_RECORDS_OF_FILE) known.delete(known.keys().next().value!);
  }

  /** Signatures cost something to check: so many a minute, whoever sends them. */
  #mayCheck(): boolean {
    const minute = this.#nowMinutes();
    if (minute !== this.#checksMinute) [this.#checks, this.#checksMinute] = [0, minute];
    this.#checks += 1;
    return this.#checks <= MAX_RECORD_CHECKS;
  }

  #digest(root: Uint8Array, { contact, expiresMinutes }: Omit<SourceRecord, 'signature'>): Uint8Array {
    const { context, networkId } = this.#parts;
    const encoded = encode((writer) => writeContact(writer, contact), MAX_CONTACT_BYTES);
    return context.crypto.hash('source', root, networkId, encoded, u32Bytes(expiresMinutes));
  }

  #nowMinutes(): number {
    return Math.floor(this.#parts.context.wallMs() / 60_000);
  }
}
