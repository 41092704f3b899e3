import {
  CLOCK_SKEW_MINUTES,
  MAX_TOLD_NEIGHBOURS,
  PROOF_MINUTES,
  PROOF_RENEWED_MINUTES,
  TELL_AFTER_MS,
  TELL_EVERY_MS,
} from '../limits.ts';
import type { NodeContext } from '../effects.ts';
import { fromHex } from '../../../shared/base/bytes.ts';
import type { KeyPair } from '../ports.ts';
import type { Timers } from '../routing/timers.ts';
import { encodeLinkMessage, linkDigest } from '../wire/link-messages.ts';
import type { LinkMessage, ProofMessage, ToldNeighbour } from '../wire/link-messages.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';
import { isCurrent } from './second-neighbours.ts';

interface IntroductionParts {
  readonly context: NodeContext;
  readonly keyPair: KeyPair;
  /** The network's id, as in hello. */
  readonly networkId: Uint8Array;
  readonly neighbours: Neighbours;
  readonly timers: Timers;
}

/** Introduces neighbours to each other: gives each link this node's word for it, and tells each neighbour of the others. */
export class Introductions {
  readonly #parts: IntroductionParts;
  #toldMs = Number.NEGATIVE_INFINITY;
  #isTelling = false;

  constructor(parts: IntroductionParts) {
    this.#parts = parts;
  }

  nowMinutes(): number {
    return Math.floor(this.#parts.context.wallMs() / 60_000);
  }

  /** Gives a neighbour this node's word for the link, when it has none that lasts. */
  prove(neighbour: Neighbour): void {
    const { context, keyPair, networkId } = this.#parts;
    const nowMinutes = this.nowMinutes();
    if (neighbour.provedUntilMinutes - nowMinutes > PROOF_RENEWED_MINUTES) return;
    const expiresMinutes = nowMinutes + PROOF_MINUTES;
    const digest = linkDigest(context.crypto, networkId, keyPair.publicKey, neighbour.publicKey, expiresMinutes);
    const signature = context.crypto.sign(digest, keyPair.secretKey);
    neighbour.provedUntilMinutes = expiresMinutes;
    this.#send(neighbour, { type: 'proof', expiresMinutes, signature });
  }

  /** False when the proof is none. */
  onProof(neighbour: Neighbour, message: ProofMessage): boolean {
    const { context, keyPair, networkId } = this.#parts;
    const { expiresMinutes, signature } = message;
    const digest = linkDigest(context.crypto, networkId, neighbour.publicKey, keyPair.publicKey, expiresMinutes);
    if (!context.crypto.verify(signature, digest, neighbour.publicKey)) return false;
    // A clock that is far off proves nothing, and is no offence.
    if (isCurrent(expiresMinutes, this.nowMinutes())) neighbour.proof = { expiresMinutes, signature };
    this.tellSoon();
    return true;
  }

  /** Neighbours changed: all are told in a while, so that many changes are told at once. */
  tellSoon(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const { context, timers } = this.#parts;
    timers.set(Math.max(context.now() + TELL_AFTER_MS, this.#toldMs + TELL_EVERY_MS), () => {
      this.#isTelling = false;
      this.#toldMs = context.now();
      this.#tell();
    });
  }

  /** Each neighbour is told what changed since it was told last. */
  #tell(): void {
    const ready = this.#parts.neighbours.ready();
    const nowMinutes = this.nowMinutes();
    const now = new Map<string, Neighbour>();
    for (const neighbour of ready) {
      const { proof } = neighbour;
      if (proof === undefined || proof.expiresMinutes <= nowMinutes - CLOCK_SKEW_MINUTES) continue;
      if (now.size < MAX_TOLD_NEIGHBOURS) now.set(neighbour.key, neighbour);
    }
    for (const neighbour of ready) this.#tellChanges(neighbour, now);
  }

  #tellChanges(to: Neighbour, now: ReadonlyMap<string, Neighbour>): void {
    const lost: Uint8Array[] = [];
    for (const key of to.told.keys()) {
      if (now.has(key)) continue;
      to.told.delete(key);
      lost.push(fromHex(key)!);
    }
    const gained: ToldNeighbour[] = [];
    for (const [key, { contact, proof }] of now) {
      if (key === to.key || to.told.get(key) === proof!.expiresMinutes) continue;
      to.told.set(key, proof!.expiresMinutes);
      gained.push({ contact, ...proof! });
    }
    if (lost.length + gained.length > 0) this.#send(to, { type: 'neighbours', gained, lost });
  }

  #send(neighbour: Neighbour, message: LinkMessage): void {
    const bytes = encodeLinkMessage(message);
    this.#parts.context.emit({ type: 'send', link: neighbour.link, channel: 'link', bytes });
  }
}
