import { HUBS_OF_LEAF } from '../limits.ts';
import { distance } from '../routing/location.ts';
import { signHubRecord } from '../wire/hub-record.ts';
import type { HubRecord } from '../wire/hub-record.ts';
import type { Role } from './effects.ts';
import { RENEW_LOOKS } from './hub-records.ts';
import type { HubRecords } from './hub-records.ts';
import type { SearchParts } from './parts.ts';

/** Part of the room of all known hubs that may be taken before another one is needed, and below which one is too many. */
const FULL_SHARE = 0.75;
const IDLE_SHARE = 0.5;
/** Looks in a row at which there were too many hubs before this one steps down. Guess. */
const IDLE_LOOKS = 30;
/** Looks in a row without three hubs after which a leaf thinks that there are too few. Guess. */
const LACKING_LOOKS = 15;
/** A hub that steps down answers for so many looks yet, until its leaves have others. */
const LEAVING_LOOKS = 5;
/** A record is made anew when the leaves changed by this part of the room. Guess. */
const CHANGED_SHARE = 1 / 8;

/** Whether this node is a hub: by what it can, by its setting, and by the room that the hubs which it knows have. */
export class Roles {
  readonly #parts: SearchParts;
  readonly #records: HubRecords;
  readonly #onRole: (role: Role) => void;
  #role: Role = 'leaf';
  #leavingLooks = 0;
  #idleLooks = 0;
  #neighboursSinceMs: number | undefined;
  #record: HubRecord | undefined;
  #recordMs = 0;
  /** Of the last record: of one second the later word could not be told from the earlier. */
  #madeSeconds = 0;
  #retraction: HubRecord | undefined;
  /** Looks in a row at which this leaf had not the hubs that it should. */
  #lackingLooks = 0;

  constructor(parts: SearchParts, records: HubRecords, onRole: (role: Role) => void) {
    this.#parts = parts;
    this.#records = records;
    this.#onRole = onRole;
  }

  get role(): Role {
    return this.#role;
  }

  /** It steps down: it takes no new leaves, and answers those that it has. */
  get isLeaving(): boolean {
    return this.#leavingLooks > 0;
  }

  get room(): number {
    if (this.#role === 'leaf' || this.isLeaving) return 0;
    return Math.max(0, this.#parts.network.leavesOfHub - this.#leaves());
  }

  /** This hub's own word, as fresh as it has to be. */
  record(): HubRecord | undefined {
    if (this.#role === 'leaf' || this.isLeaving) return undefined;
    const { context, network, networkId, keyPair, options } = this.#parts;
    const address = options.address();
    const leaves = this.#leaves();
    const nowSeconds = Math.floor(context.wallMs() / 1_000);
    const known = this.#record;
    const isFresh = context.now() - this.#recordMs < RENEW_LOOKS * network.searchLookMs;
    const hasChanged = known === undefined || Math.abs(known.leaves - leaves) > network.leavesOfHub * CHANGED_SHARE;
    if (known !== undefined && ((isFresh && !hasChanged) || nowSeconds <= known.madeSeconds)) return known;
    const contact = { publicKey: keyPair.publicKey, ...address };
    const madeSeconds = Math.max(nowSeconds, this.#madeSeconds + 1);
    const unsigned = { contact, madeSeconds, leaves, room: this.room };
    this.#record = signHubRecord(context.crypto, networkId, keyPair, unsigned);
    this.#recordMs = context.now();
    this.#madeSeconds = madeSeconds;
    return this.#record;
  }

  /** What takes the word of a hub that steps down back; undefined for who was none lately. */
  retraction(): HubRecord | undefined {
    return this.#retraction;
  }

  look(): void {
    const { context, neighbours } = this.#parts;
    if (neighbours.readyCount() === 0) this.#neighboursSinceMs = undefined;
    else this.#neighboursSinceMs ??= context.now();
    if (this.#role === 'leaf') this.#considerRising();
    else if (this.isLeaving) this.#goOnLeaving();
    else this.#considerLeaving();
  }

  #considerRising(): void {
    this.#lackingLooks = this.#parts.peers.hubs().length < HUBS_OF_LEAF ? this.#lackingLooks + 1 : 0;
    if (!this.#isAble()) return;
    if (this.#parts.options.hubWish() === 'always') return this.#rise();
    const missing = this.#missingHubs();
    if (missing <= 0) return;
    // As many as are missing rise at one look, if all that are able look alike: so no more have to step down than needed.
    const chance = missing / Math.max(missing, this.#networkSize());
    if (this.#parts.context.random.below(LOT) < chance * LOT) this.#rise();
  }

  #isAble(): boolean {
    const { context, network, options } = this.#parts;
    if (options.hubWish() === 'never' || options.address() === undefined) return false;
    return this.#neighboursSinceMs !== undefined && context.now() - this.#neighboursSinceMs >= network.hubAfterMs;
  }

  #rise(): void {
    this.#role = 'hub';
    this.#idleLooks = 0;
    this.#lackingLooks = 0;
    this.#retraction = undefined;
    this.#onRole('hub');
  }

  #considerLeaving(): void {
    const { options } = this.#parts;
    if (options.hubWish() === 'never' || options.address() === undefined) return this.#startLeaving();
    if (options.hubWish() === 'always') return;
    const { leaves, room, hubs } = this.#load();
    const roomWithout = Math.max(0, room - this.room);
    const isIdle = hubs > HUBS_OF_LEAF && leaves < (leaves + roomWithout) * IDLE_SHARE;
    this.#idleLooks = isIdle ? this.#idleLooks + 1 : 0;
    // Not all at once: about one hub in each turn.
    if (this.#idleLooks > IDLE_LOOKS && this.#parts.context.random.below(hubs) === 0) this.#startLeaving();
  }

  #startLeaving(): void {
    this.#leavingLooks = LEAVING_LOOKS;
    this.#retract();
    this.#onRole('leaf');
  }

  #retract(): void {
    const { context, networkId, keyPair } = this.#parts;
    const before = this.#record;
    this.#record = undefined;
    if (before === undefined) return;
    const madeSeconds = Math.max(this.#madeSeconds + 1, Math.floor(context.wallMs() / 1_000));
    this.#madeSeconds = madeSeconds;
    const unsigned = { contact: before.contact, madeSeconds, leaves: 0, room: 0 };
    this.#retraction = signHubRecord(context.crypto, networkId, keyPair, unsigned);
  }

  #goOnLeaving(): void {
    this.#leavingLooks -= 1;
    if (this.#leavingLooks > 0) return;
    this.#role = 'leaf';
    this.#onRole('leaf');
  }

  /** How many hubs more there should be, by those that are known. */
  #missingHubs(): number {
    const { leaves, room, hubs } = this.#load();
    if (hubs < HUBS_OF_LEAF) return HUBS_OF_LEAF - hubs;
    // Whatever is said of room: who finds none for long is one of many.
    if (this.#lackingLooks > LACKING_LOOKS) return 1;
    if (leaves <= (leaves + room) * FULL_SHARE) return 0;
    return Math.ceil((leaves / FULL_SHARE - leaves - room) / this.#parts.network.leavesOfHub + LEAST_MISSING);
  }

  #load(): { readonly leaves: number; readonly room: number; readonly hubs: number } {
    let [leaves, room, hubs] = [0, 0, 0];
    const isHub = this.#role === 'hub' && !this.isLeaving;
    if (isHub) [leaves, room, hubs] = [this.#leaves(), this.room, 1];
    for (const record of this.#records.current()) {
      leaves += record.leaves;
      room += record.room;
      hubs += 1;
    }
    return { leaves, room, hubs };
  }

  #leaves(): number {
    return this.#parts.peers.leafCount;
  }

  /** About how many nodes there are: by how near the nearest neighbours live, for places are those of chance. */
  #networkSize(): number {
    const { neighbours } = this.#parts;
    const own = this.#parts.ownPlace;
    const ready = neighbours.ready();
    const away = ready.map(({ location }) => distance(location!, own)).sort((a, b) => a - b);
    const farthest = away[Math.min(NEAREST, away.length) - 1];
    if (farthest === undefined || farthest === 0) return 1;
    return Math.max(ready.length + 1, Math.min(NEAREST, away.length) / (2 * farthest));
  }
}

/** Neighbours by whose distance the size of the network is told. */
const NEAREST = 4;
/** Grains of a draw. */
const LOT = 2 ** 30;
/** Where all hubs are nearly full one more is missing. */
const LEAST_MISSING = 0.01;
