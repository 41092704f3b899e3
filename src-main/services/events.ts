/** What the node tells whoever listens, by the contract's events. */
import type { EventName, EventValue } from '../../shared/ipc/contract.ts';
import type { NetworkView, Status, Strain } from '../../shared/ipc/model.ts';
import type { Clock } from './jobs/clock.ts';

/** How often the status is told while somebody listens. Once a second: figures that change faster cannot be read. */
const STATUS_INTERVAL_MS = 1_000;
/** But a neighbour that comes or goes is told at once, several together: somebody may be waiting for the first. */
const NEIGHBOUR_CHANGE_MS = 30;

/** What the app asks of the running node, for showing. */
export interface NodeStatusSource {
  status(): Promise<Status> | Status;
  networkView(): Promise<NetworkView> | NetworkView;
  strain(): Strain;
  /** Neighbours ready for messages. */
  readyLinks(): number;
  /** Calls `listener` when neighbours came or went; the function returned ends that. */
  onNeighbours(listener: () => void): () => void;
}

interface EventsDeps {
  readonly clock: Clock;
  readonly node: NodeStatusSource;
  /** A defect that no caller can be told of. */
  readonly onDefect: (thrown: unknown) => void;
}

/** Listeners by event; the status is asked for only while somebody listens to it. */
export class Events {
  readonly #deps: EventsDeps;
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>();
  #stopStatus: (() => void) | undefined;
  #statusAtMs = 0;
  #telling = false;
  /** Neighbours changed while the status was being asked for: it is asked again at once. */
  #changed = false;
  readonly #stopNeighbours: () => void;
  #closed = false;

  constructor(deps: EventsDeps) {
    this.#deps = deps;
    this.#stopNeighbours = deps.node.onNeighbours(() => {
      if (this.#telling) this.#changed = true;
      if ((this.#listeners.get('status')?.size ?? 0) > 0) this.#tellStatusLater(NEIGHBOUR_CHANGE_MS);
    });
  }

  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(listener as (value: never) => void);
    if (name === 'status') this.#tellStatusLater();
    return () => {
      set.delete(listener as (value: never) => void);
      if (name === 'status' && set.size === 0) this.#stopTellingStatus();
    };
  }

  emit<N extends EventName>(name: N, value: EventValue<N>): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(value as never);
      } catch (thrown) {
        // One connection that breaks must not keep the others, or the work itself, from going on.
        this.#deps.onDefect(thrown);
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#stopNeighbours();
    this.#stopTellingStatus();
  }

  /** An earlier time replaces the one that was set. */
  #tellStatusLater(delayMs = STATUS_INTERVAL_MS): void {
    if (this.#closed || this.#telling) return;
    const atMs = this.#deps.clock.monotonicMs() + delayMs;
    if (this.#stopStatus !== undefined) {
      if (this.#statusAtMs <= atMs) return;
      this.#stopStatus();
    }
    this.#statusAtMs = atMs;
    this.#stopStatus = this.#deps.clock.after(delayMs, () => {
      void this.#tellStatus();
    });
  }

  async #tellStatus(): Promise<void> {
    this.#telling = true;
    try {
      this.emit('status', await this.#deps.node.status());
    } catch (thrown) {
      this.#deps.onDefect(thrown);
    }
    this.#telling = false;
    this.#stopStatus = undefined;
    const delayMs = this.#changed ? NEIGHBOUR_CHANGE_MS : STATUS_INTERVAL_MS;
    this.#changed = false;
    if ((this.#listeners.get('status')?.size ?? 0) > 0) this.#tellStatusLater(delayMs);
  }

  #stopTellingStatus(): void {
    this.#stopStatus?.();
    this.#stopStatus = undefined;
  }
}
