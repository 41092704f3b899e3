/** How the last requests and inserts of this node ended: what Network shows of them. In memory only, without addresses. */
import type { LoggedOutcome, LoggedRequest, Requests, RequestSummary } from '../../../shared/ipc/model.ts';
import type { InsertResult, RequestResult } from '../../core/effects.ts';
import type { Priority } from '../block-network.ts';
import type { Clock } from '../jobs/clock.ts';

/** What a picture of this size can show one by one; 20 KB for each look at it. Guess. */
export const MAX_LOGGED = 200;
/** "Lately": long enough for a few pages to be read, short enough that a bad quarter of an hour shows. Guess. */
export const LATELY_MS = 10 * 60_000;

export interface Ended<Result> {
  readonly result: Result | 'cancelled';
  /** Answered from this node's own store. */
  readonly wasHere: boolean;
  /** From when it had its turn: waiting behind this node's own others is no fault of the network. */
  readonly afterMs: number;
}

type Logged<Result> = Ended<Result> & { readonly priority: Priority };

interface Kept {
  readonly request: LoggedRequest;
  /** A wall clock may be set back; this one is for "lately". */
  readonly monotonicMs: number;
}

export class RequestLog {
  readonly #clock: Clock;
  readonly #kept: Kept[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addRequest({ result, wasHere, priority, afterMs }: Logged<RequestResult>): void {
    const common = { kind: 'request', priority, afterMs } as const;
    if (result === 'cancelled' || !result.ok) {
      this.#add({ ...common, outcome: result === 'cancelled' ? result : result.code });
    } else {
      this.#add(wasHere ? { ...common, outcome: 'here' } : { ...common, outcome: 'found', hops: result.hops });
    }
  }

  addInsert({ result, priority, afterMs }: Logged<InsertResult>): void {
    const common = { kind: 'insert', priority, afterMs } as const;
    if (result === 'cancelled' || !result.ok) {
      this.#add({ ...common, outcome: result === 'cancelled' ? result : result.code });
    } else {
      this.#add({ ...common, outcome: 'stored', hops: result.hops });
    }
  }

  view(): Requests {
    const sinceMs = this.#clock.monotonicMs() - LATELY_MS;
    const recent = this.#kept.map(({ request }) => request);
    const lately = this.#kept.filter(({ monotonicMs }) => monotonicMs > sinceMs).map(({ request }) => request);
    return { recent, lately: summarize(lately), whole: summarize(recent) };
  }

  #add(request: Omit<LoggedRequest, 'atMs'>): void {
    // A tenth of a millisecond is as much as anybody can see.
    const afterMs = Math.round(request.afterMs * 10) / 10;
    this.#kept.push({
      request: { ...request, afterMs, atMs: this.#clock.now() },
      monotonicMs: this.#clock.monotonicMs(),
    });
    if (this.#kept.length > MAX_LOGGED) this.#kept.shift();
  }
}

export function summarize(requests: readonly LoggedRequest[]): RequestSummary {
  const outcomes: Partial<Record<LoggedOutcome, number>> = {};
  for (const { outcome } of requests) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const succeeded = requests.filter(({ outcome }) => outcome === 'found' || outcome === 'stored');
  const { here = 0, cancelled = 0, 'not-found': notFound = 0 } = outcomes;
  const tried = requests.length - here - cancelled - notFound;
  const hops = spread(succeeded.flatMap((request) => request.hops ?? []));
  const afterMs = spread(succeeded.map((request) => request.afterMs));
  return {
    total: requests.length,
    outcomes,
    ...(tried === 0 ? {} : { success: succeeded.length / tried }),
    ...(hops === undefined ? {} : { hops }),
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

function spread(values: readonly number[]): { median: number; p90: number } | undefined {
  if (values.length === 0) return undefined;
  return { median: percentile(values, 0.5), p90: percentile(values, 0.9) };
}

/** By nearest rank: always one of the values, so that "3 hops" are hops that somebody made. Of none: NaN. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
