/** What was sent and received of files, as it was counted part by part: since the start, and in all; and who loads what now. */
import * as v from 'valibot';
import { toHex } from '../../../shared/base/bytes.ts';
import type { TransferFigures, TransferLimits, Upload } from '../../../shared/ipc/transfer-model.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';
import type { UploadView } from '../../core/transfer/uploads.ts';
import { Rows } from '../addresses/rows.ts';
import type { Clock } from '../jobs/clock.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { shortName } from '../node/node-status.ts';
import type { TransferNetwork } from '../node/transfer-network.ts';
import type { SharedPlace } from '../shares/shares.ts';

const KEY = 'all';
/** What a crash may leave uncounted. Guess. */
const KEEP_EVERY_MS = 60_000;

const TotalsSchema = v.object({ sinceMs: v.number(), sentBytes: v.number(), receivedBytes: v.number() });
type Totals = v.InferOutput<typeof TotalsSchema>;

export interface StatisticsDeps {
  readonly clock: Clock;
  readonly libraryStore: LibraryStore;
  readonly network: Pick<TransferNetwork, 'uploads' | 'receivedBytes' | 'uploadViews'>;
  readonly find: (root: Uint8Array) => readonly SharedPlace[];
  readonly limits: () => TransferLimits;
  readonly onDefect: (thrown: unknown) => void;
}

export class TransferStatistics {
  readonly #deps: StatisticsDeps;
  readonly #rows: Rows<Totals>;
  /** Of earlier runs. */
  readonly #before: Totals;
  /** By user and root; those of uploads that are over are dropped at the next look. */
  readonly #rates = new Map<string, RateEstimator>();
  #stopKeeping: (() => void) | undefined;
  #kept = 0;

  constructor(deps: StatisticsDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'transfer-totals', TotalsSchema, 1);
    this.#before = this.#rows.get(KEY) ?? { sinceMs: deps.clock.now(), sentBytes: 0, receivedBytes: 0 };
    this.#keepLater();
  }

  figures(): TransferFigures {
    const { sentBytes, receivedBytes, sinceMs } = this.#totals();
    return {
      sentBytes: sentBytes - this.#before.sentBytes,
      receivedBytes: receivedBytes - this.#before.receivedBytes,
      sinceMs,
      sentInAllBytes: sentBytes,
      receivedInAllBytes: receivedBytes,
      limits: this.#deps.limits(),
      uploads: this.#uploads(),
    };
  }

  async close(): Promise<void> {
    this.#stopKeeping?.();
    await this.#keep();
    await this.#rows.close();
  }

  #totals(): Totals {
    const { network } = this.#deps;
    const { sinceMs, sentBytes, receivedBytes } = this.#before;
    return {
      sinceMs,
      sentBytes: sentBytes + network.uploads().bytes,
      receivedBytes: receivedBytes + network.receivedBytes,
    };
  }

  #uploads(): Upload[] {
    const views = this.#deps.network.uploadViews();
    const keys = new Set(views.map(keyOf));
    for (const key of [...this.#rates.keys()]) if (!keys.has(key)) this.#rates.delete(key);
    return views.map((view) => {
      const rate = this.#rates.get(keyOf(view)) ?? new RateEstimator(this.#deps.clock);
      this.#rates.set(keyOf(view), rate);
      rate.note(view.sentBytes);
      const bytesPerSecond = rate.bytesPerSecond();
      const place = this.#deps.find(view.root)[0];
      return {
        user: shortName(view.publicKey),
        publicKey: toHex(view.publicKey),
        ...(place !== undefined && {
          name: place.path.slice(place.path.lastIndexOf('/') + 1),
          sizeBytes: place.stamp.sizeBytes,
        }),
        sentBytes: view.sentBytes,
        ...(bytesPerSecond !== undefined && { bytesPerSecond }),
      };
    });
  }

  #keepLater(): void {
    this.#stopKeeping = this.#deps.clock.after(KEEP_EVERY_MS, () => {
      this.#keep().catch((thrown: unknown) => this.#deps.onDefect(thrown));
      this.#keepLater();
    });
  }

  async #keep(): Promise<void> {
    const totals = this.#totals();
    // Who never loads or shares anything has nothing to keep.
    if (totals.sentBytes + totals.receivedBytes === this.#kept + this.#before.sentBytes + this.#before.receivedBytes)
      return;
    this.#kept = totals.sentBytes + totals.receivedBytes - this.#before.sentBytes - this.#before.receivedBytes;
    await this.#rows.put(KEY, totals);
  }
}

function keyOf({ publicKey, root }: UploadView): string {
  return `${toHex(publicKey)} ${toHex(root)}`;
}
