/** The network as a keeper sees it: content that is held here first, and whatever comes from elsewhere is held from then on. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { BlockStore, Crypto } from '../../core/ports.ts';
import { KIND_CONTENT, storeEntry, verifyRecord } from '../../core/wire/record.ts';
import type { BlockNetwork, InsertOutcome, Priority, RequestOptions, RequestOutcome } from '../block-network.ts';

const NOT_HERE: RequestOutcome = { ok: false, code: 'not-found', afterMs: 0 };

export class KeptNetwork implements BlockNetwork {
  readonly #kept: BlockStore;
  readonly #crypto: Crypto;
  readonly #network: BlockNetwork | undefined;

  /** Without a network, only what is held is there. */
  constructor(kept: BlockStore, crypto: Crypto, network?: BlockNetwork) {
    this.#kept = kept;
    this.#crypto = crypto;
    this.#network = network;
  }

  /** Slots may have newer versions elsewhere, so what is held of them is not asked first unless there is no network. */
  async request(address: Uint8Array, options: RequestOptions): Promise<RequestOutcome> {
    if (options.kind === 'content' || this.#network === undefined) {
      const record = await this.#kept.get(address);
      if (record !== undefined) return { ok: true, record, afterMs: 0 };
    }
    if (this.#network === undefined) return NOT_HERE;
    const outcome = await this.#network.request(address, options);
    if (outcome.ok) await this.hold(address, outcome.record);
    return outcome;
  }

  insert(
    record: Uint8Array,
    options: { readonly priority: Priority; readonly signal?: AbortSignal },
  ): Promise<InsertOutcome> {
    if (this.#network === undefined) return Promise.resolve({ ok: false, code: 'no-route', retries: 0, afterMs: 0 });
    return this.#network.insert(record, options);
  }

  /** True where it is new here. What does not verify is left out; of a slot, the newest version stays. Throws `no-space`. */
  async hold(address: Uint8Array, record: Uint8Array): Promise<boolean> {
    const verified = verifyRecord(this.#crypto, record, address);
    if (!verified.ok) return false;
    const { record: parsed } = verified.value;
    if (parsed.kind === KIND_CONTENT && (await this.#kept.has(address))) return false;
    const outcome = await this.#kept.put(storeEntry(address, parsed, record, 'store'));
    if (outcome === 'full') {
      throw new BroadsideError(
        'no-space',
        'There is no more room for what is kept alive. Give it more (keep-quota-bytes), or keep fewer publications.',
      );
    }
    return outcome === 'stored';
  }
}
