/**
 * A BlockNetwork that is a table: what was inserted and verified can be requested. It can be told to refuse, to delay, to
 * lose and to corrupt, by the address of a record. Nothing of it pretends to be routing; for that there are real nodes.
 */
import { compareBytes, toHex } from '../../shared/base/bytes.ts';
import type { Crypto } from '../../src-main/core/ports.ts';
import { KIND_SLOT, PAYLOAD_BYTES, rankOf, verifyRecord } from '../../src-main/core/wire/record.ts';
import type { BlockRecord } from '../../src-main/core/wire/record.ts';
import type {
  BlockNetwork,
  InsertFailure,
  InsertOutcome,
  Priority,
  RequestFailure,
  RequestOptions,
  RequestOutcome,
} from '../../src-main/services/block-network.ts';

export interface InsertCall {
  readonly address: Uint8Array;
  readonly record: BlockRecord;
  readonly priority: Priority;
  /** Counted over all inserts from 0, in order of arrival. */
  readonly sequence: number;
}

export interface RequestCall extends RequestOptions {
  readonly address: Uint8Array;
  /** Counted over all requests from 0, in order of arrival. */
  readonly sequence: number;
}

export interface MemoryBlockNetworkOptions {
  readonly crypto: Crypto;
  /** An insert failure instead of storing. */
  refuseInsert?: (call: InsertCall) => InsertFailure | undefined;
  /** A request failure instead of an answer. */
  refuseRequest?: (call: RequestCall) => RequestFailure | undefined;
  /** What hosts that lie answer instead of what is kept: shown as it is if it verifies at the address, as routing would. */
  answer?: (call: RequestCall) => Uint8Array | undefined;
  /** Awaited before the outcome; the signal still ends the wait. */
  delayInsert?: (call: InsertCall) => Promise<void> | undefined;
  delayRequest?: (call: RequestCall) => Promise<void> | undefined;
  /** Reported as times that a record had to be sent again. */
  retries?: (call: InsertCall) => number;
  /** Keep records (default) or only count and verify them, for what is larger than memory. */
  keep?: boolean;
}

export class MemoryBlockNetwork implements BlockNetwork {
  readonly options: MemoryBlockNetworkOptions;
  /** Records by address in hexadecimal. */
  readonly records = new Map<string, Uint8Array>();
  readonly inserts: InsertCall[] = [];
  readonly requests: RequestCall[] = [];
  insertCount = 0;
  requestCount = 0;
  inFlight = 0;
  mostInFlight = 0;

  constructor(options: MemoryBlockNetworkOptions) {
    this.options = options;
  }

  async request(address: Uint8Array, options: RequestOptions): Promise<RequestOutcome> {
    const call: RequestCall = { ...options, address, sequence: this.requestCount };
    this.requestCount += 1;
    this.requests.push(call);
    if (!(await this.#wait(this.options.delayRequest?.(call), options.signal)))
      return { ok: false, code: 'cancelled', afterMs: 1 };
    const refused = this.options.refuseRequest?.(call);
    if (refused !== undefined) return { ok: false, code: refused, afterMs: 1 };
    const record = this.options.answer?.(call) ?? this.records.get(toHex(address));
    // What routing promises: nothing that does not verify is ever handed on.
    if (record === undefined || !verifyRecord(this.options.crypto, record, address).ok)
      return { ok: false, code: 'not-found', afterMs: 1 };
    return { ok: true, record: record.slice(), afterMs: 1 };
  }

  async insert(
    bytes: Uint8Array,
    options: { readonly priority: Priority; readonly signal?: AbortSignal },
  ): Promise<InsertOutcome> {
    const verified = verifyRecord(this.options.crypto, bytes, undefined);
    if (!verified.ok) throw new Error(`a record that does not verify was inserted: ${verified.code}`);
    const { address } = verified.value;
    const keep = this.options.keep ?? true;
    // Without `keep`, no bytes may be held on to.
    const record = keep ? verified.value.record : { ...verified.value.record, payload: new Uint8Array(0) };
    const call: InsertCall = { address, record, priority: options.priority, sequence: this.insertCount };
    this.insertCount += 1;
    if (keep) this.inserts.push(call);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      if (!(await this.#wait(this.options.delayInsert?.(call), options.signal)))
        return { ok: false, code: 'cancelled', retries: 0, afterMs: 1 };
      const retries = this.options.retries?.(call) ?? 0;
      const refused = this.options.refuseInsert?.(call);
      if (refused !== undefined) return { ok: false, code: refused, retries, afterMs: 1 };
      if (keep) this.#store(address, bytes);
      return { ok: true, copies: 4, retries, afterMs: 1 };
    } finally {
      this.inFlight -= 1;
    }
  }

  /** Takes a record away, as when all that held it are gone. */
  lose(address: Uint8Array): void {
    this.records.delete(toHex(address));
  }

  /** Flips one bit in what is kept; requests then answer not-found, as routing drops what does not verify. */
  corrupt(address: Uint8Array, offset: number = PAYLOAD_BYTES / 2): void {
    const record = this.records.get(toHex(address));
    if (record === undefined) throw new Error('there is no such record to corrupt');
    record[offset]! ^= 1;
  }

  /** Puts a record in as if others had inserted it. Throws for one that does not verify. */
  put(bytes: Uint8Array): Uint8Array {
    const verified = verifyRecord(this.options.crypto, bytes, undefined);
    if (!verified.ok) throw new Error(`does not verify: ${verified.code}`);
    this.#store(verified.value.address, bytes);
    return verified.value.address;
  }

  #store(address: Uint8Array, bytes: Uint8Array): void {
    const key = toHex(address);
    const held = this.records.get(key);
    if (held !== undefined && !replaces(this.options.crypto, held, bytes)) return;
    this.records.set(key, bytes.slice());
  }

  /** False when the signal ended the wait. */
  async #wait(delay: Promise<void> | undefined, signal: AbortSignal | undefined): Promise<boolean> {
    const aborted = () => signal?.aborted ?? false;
    if (aborted()) return false;
    if (delay === undefined) {
      // A turn of the event loop, as any real network takes.
      await new Promise<void>((resolve) => setImmediate(resolve));
      return !aborted();
    }
    return new Promise<boolean>((resolve, reject) => {
      const onAbort = () => resolve(false);
      signal?.addEventListener('abort', onAbort, { once: true });
      delay.then(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve(true);
      }, reject);
    });
  }
}

/** As stores do: a higher version replaces a lower one, except where the class says that the first seen stays. */
function replaces(crypto: Crypto, held: Uint8Array, next: Uint8Array): boolean {
  const before = verifyRecord(crypto, held, undefined);
  const after = verifyRecord(crypto, next, undefined);
  if (!before.ok || !after.ok) return !before.ok;
  const [old, fresh] = [before.value.record, after.value.record];
  if (old.kind !== KIND_SLOT || fresh.kind !== KIND_SLOT || fresh.class === 3) return false;
  return compareBytes(rankOf(fresh.version), rankOf(old.version)) > 0;
}
