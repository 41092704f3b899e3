import { toHex } from '../../../shared/base/bytes.ts';
import {
  ASK_SOURCES_MS,
  ASK_TIMEOUT_MS,
  DIAL_SOURCE_TIMEOUT_MS,
  LEAST_STALL_MS,
  MAX_RETRY_MS,
  MAX_SOURCES,
  MAX_STALL_MS,
  RETRY_MS,
  STALL_ROUND_TRIPS,
} from '../limits.ts';
import type { KnownNode } from '../ports.ts';
import type { DownloadParts } from './parts.ts';
import { Source } from './source.ts';

interface SourceKeeperParts {
  readonly shared: DownloadParts;
  readonly operation: number;
  readonly root: Uint8Array;
  /** Chunks of the file are here, which others may have. */
  readonly hasSome: () => boolean;
  /** It owes a chunk or a page. */
  readonly owes: (source: Source) => boolean;
  /** Nothing is waited for from it any more; `tell` it so. */
  readonly takeBack: (source: Source, tell: boolean) => void;
  /** It is not to be reckoned with for now: others go on with what it had. */
  readonly onGone: (source: Source) => void;
  /** It owes something and is silent: others go on, and it has one more chance. */
  readonly onStalled: (source: Source) => void;
}

/** The sources of one download: dialled, asked, watched while they owe something, tried again, banned. */
export class SourceKeeper {
  readonly sources = new Map<string, Source>();
  readonly #parts: SourceKeeperParts;
  #ended = false;

  constructor(parts: SourceKeeperParts) {
    this.#parts = parts;
  }

  add(nodes: readonly KnownNode[]): void {
    const { context, isBanned } = this.#parts.shared;
    for (const node of nodes) {
      const key = toHex(node.publicKey);
      const known = this.sources.get(key);
      if (known !== undefined) {
        if (known.state === 'away' || known.state === 'lacks') this.try(known);
        continue;
      }
      if (this.sources.size >= MAX_SOURCES && !this.#dropUseless()) return;
      const source = new Source(node, context.now());
      this.sources.set(key, source);
      if (isBanned(key)) source.state = 'banned';
      else this.try(source);
    }
  }

  /** Nothing is heard of them any more. */
  end(): void {
    const { timers, send } = this.#parts.shared;
    this.#ended = true;
    for (const source of this.sources.values()) {
      timers.cancel(source.timer);
      this.#parts.takeBack(source, true);
      if (source.link !== undefined) send(source.link, { type: 'over', root: this.#parts.root });
    }
  }

  /** A link to a node is ready. */
  onLink(key: string): void {
    const source = this.sources.get(key);
    if (source?.state === 'away' || source?.state === 'dialling') this.try(source);
  }

  try(source: Source): void {
    const { context, timers, linkOf, dial, send } = this.#parts.shared;
    timers.cancel(source.timer);
    const link = linkOf(source.key);
    source.link = link;
    if (link === undefined) {
      source.state = 'dialling';
      dial(source.node);
    } else {
      source.state = 'asked';
      source.askedAtMs = context.now();
      send(link, { type: 'ask', root: this.#parts.root });
    }
    const timeoutMs = link === undefined ? DIAL_SOURCE_TIMEOUT_MS : ASK_TIMEOUT_MS;
    source.timer = timers.set(context.now() + timeoutMs, () => this.lose(source, RETRY_MS));
  }

  /** It is not there now: what it had goes to others, and it is tried again after a while, longer each time. */
  lose(source: Source, retryMs: number): void {
    const { context, timers } = this.#parts.shared;
    if (source.state === 'banned' || this.#ended) return;
    timers.cancel(source.timer);
    this.#parts.takeBack(source, false);
    source.link = undefined;
    source.state = 'away';
    const waitMs = Math.min(MAX_RETRY_MS, retryMs * 2 ** Math.min(source.failures, 20));
    source.failures += 1;
    source.retryAtMs = context.now() + waitMs;
    source.timer = timers.set(source.retryAtMs, () => this.try(source));
    this.#parts.onGone(source);
  }

  ban(source: Source): void {
    const { shared, operation } = this.#parts;
    if (source.state === 'banned') return;
    shared.timers.cancel(source.timer);
    this.#parts.takeBack(source, false);
    source.state = 'banned';
    shared.context.emit({ type: 'sourceBanned', operation, publicKey: source.node.publicKey });
    shared.ban(source);
    this.#parts.onGone(source);
  }

  /** While something is owed, silence is counted: from when it was asked, or from when something came (`heard`). */
  watch(source: Source, heard: boolean): void {
    const { context, timers } = this.#parts.shared;
    if (!source.isGiving && source.state !== 'queued') return;
    const owes = !this.#ended && this.#parts.owes(source);
    if (owes && !heard && source.timer?.cancelled === false) return;
    timers.cancel(source.timer);
    source.timer = undefined;
    if (!owes) return;
    const roundTripMs = source.delivery.roundTripMs(context.now()) ?? 0;
    const waitMs = Math.min(MAX_STALL_MS, Math.max(LEAST_STALL_MS, STALL_ROUND_TRIPS * roundTripMs));
    source.timer = timers.set(context.now() + waitMs, () => this.#onSilent(source));
  }

  /** Who else has it; and that this node has some of it too, once it has: those who load are sources for each other. */
  askForOthers(source: Source): void {
    const { context, send, ownRecord } = this.#parts.shared;
    const { root } = this.#parts;
    const nowMs = context.now();
    if (source.link === undefined || nowMs - source.othersAskedMs < ASK_SOURCES_MS) return;
    const hasSome = this.#parts.hasSome();
    if (!hasSome && source.othersAskedMs > Number.NEGATIVE_INFINITY) return;
    // Without anything to give it is asked again as soon as there is.
    source.othersAskedMs = hasSome ? nowMs : nowMs - ASK_SOURCES_MS;
    send(source.link, { type: 'sourcesAsked', root });
    if (hasSome) send(source.link, { type: 'sources', root, sources: [ownRecord(root)] });
  }

  /** One that waits in a queue and does not even give a page, or was given its last chance, is tried again later. */
  #onSilent(source: Source): void {
    if (source.state !== 'active') return this.lose(source, RETRY_MS);
    this.#parts.takeBack(source, true);
    source.state = 'stalled';
    this.#parts.onStalled(source);
    return undefined;
  }

  /** Room for another source: one that lied, or has not got it, goes. */
  #dropUseless(): boolean {
    for (const [key, source] of this.sources) {
      if (source.state !== 'lacks' && source.state !== 'banned') continue;
      this.#parts.shared.timers.cancel(source.timer);
      return this.sources.delete(key);
    }
    return false;
  }
}
