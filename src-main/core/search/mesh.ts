import { toHex } from '../../../shared/base/bytes.ts';
import type { EffectId } from '../effects.ts';
import { ATTACH_TIMEOUT_MS, MAX_MESH_HUBS, MESH_HUBS, SEARCH_PART_BYTES, TABLE_EVERY_MS } from '../limits.ts';
import type { AttachedMessage, TableMessage } from '../wire/search-messages.ts';
import type { HubRecords } from './hub-records.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';
import type { Query } from './query.ts';
import { applyTablePiece, tablePieces } from './word-table-patch.ts';
import { tableMayAnswer, unionOfTables } from './word-table.ts';

type Level = 1 | 2;

/** The word tables of one hub of the mesh, and what it was told of ours. */
interface Tables {
  /** By level: its own words, and those of its mesh. Undefined until it has told. */
  readonly theirs: Map<Level, Uint8Array>;
  readonly told: Map<Level, Uint8Array>;
}

/** The hubs that a hub is linked to, and their word tables. */
export class Mesh {
  readonly #parts: SearchParts;
  readonly #records: HubRecords;
  readonly #onJoined: (peer: SearchPeer) => void;
  readonly #wanted = new Map<string, number>();
  readonly #tables = new Map<SearchPeer, Tables>();
  #own: Uint8Array | undefined;
  #asked: EffectId | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  #isTelling = false;

  constructor(parts: SearchParts, records: HubRecords, onJoined: (peer: SearchPeer) => void) {
    this.#parts = parts;
    this.#records = records;
    this.#onJoined = onJoined;
  }

  get tables(): number {
    return this.#tables.size;
  }

  /** Looks whether hubs are missing in the mesh, and asks others. */
  look(): void {
    const { context, peers, links } = this.#parts;
    const nowMs = context.now();
    for (const [key, atMs] of this.#wanted) {
      if (nowMs - atMs < ATTACH_TIMEOUT_MS) continue;
      this.#wanted.delete(key);
      this.#records.doubt(key);
    }
    let missing = MESH_HUBS - peers.all().filter(({ inMesh }) => inMesh !== 'no').length - this.#wanted.size;
    for (const { contact } of this.#records.toAsk()) {
      if (missing <= 0) break;
      const key = toHex(contact.publicKey);
      const peer = peers.byKey(key);
      if (this.#wanted.has(key) || (peer !== undefined && peer.inMesh !== 'no')) continue;
      missing -= 1;
      if (peer !== undefined) this.#ask(peer);
      else {
        this.#wanted.set(key, nowMs);
        links.dialPeer(contact);
      }
    }
    this.tellSoon();
  }

  onPeer(peer: SearchPeer): void {
    if (this.#wanted.delete(peer.key)) this.#ask(peer);
  }

  /** Another hub would be in our mesh. */
  onWish(peer: SearchPeer, isHub: boolean): void {
    const { peers } = this.#parts;
    const outcome = !isHub ? 'no-hub' : this.#tables.size >= MAX_MESH_HUBS && peer.inMesh !== 'yes' ? 'full' : 'taken';
    peers.send(peer, { type: 'attached', purpose: 'mesh', outcome });
    if (outcome === 'taken') this.#join(peer);
  }

  onAttached(peer: SearchPeer, message: AttachedMessage): void {
    if (peer.inMesh !== 'asked') return;
    if (message.outcome === 'taken') return this.#join(peer);
    this.#records.rest(peer.key);
    if (message.outcome === 'no-hub') this.#records.doubt(peer.key);
    return this.leave(peer, false);
  }

  leave(peer: SearchPeer, tells: boolean): void {
    if (peer.inMesh === 'no') return;
    this.#forget(peer);
    if (tells) this.#parts.peers.send(peer, { type: 'detach', purpose: 'mesh' });
    if (!peer.isHeld) this.#parts.links.releaseLink(peer.link);
  }

  leaveAll(): void {
    this.#wanted.clear();
    for (const peer of this.#parts.peers.all()) this.leave(peer, true);
  }

  onDown(peer: SearchPeer): void {
    if (peer.inMesh === 'no') return;
    this.#records.doubt(peer.key);
    this.#forget(peer);
  }

  /** False when no honest hub sends this. */
  onTable(peer: SearchPeer, message: TableMessage): boolean {
    const tables = this.#tables.get(peer);
    if (tables === undefined) return true;
    const { level, bits, begins, pieces } = message;
    const bytes = 2 ** (bits - 3);
    const table = begins ? new Uint8Array(bytes) : tables.theirs.get(level);
    if (table?.length !== bytes) return false;
    tables.theirs.set(level, table);
    return pieces.every((piece) => applyTablePiece(table, piece));
  }

  /** Hubs of the mesh that may have something: at level 2 those whose own mesh may. Who has told no table yet may have all. */
  mayAnswer(query: Query, level: Level): SearchPeer[] {
    const hubs: SearchPeer[] = [];
    for (const [peer, { theirs }] of this.#tables) {
      const table = theirs.get(level);
      if (table === undefined ? level === 1 : tableMayAnswer(table, query)) hubs.push(peer);
    }
    return hubs;
  }

  /** Tables are told at most once a minute, or at a look where looks are rarer. */
  tellSoon(): void {
    const { context, timers, network } = this.#parts;
    if (this.#isTelling || this.#tables.size === 0) return;
    this.#isTelling = true;
    const everyMs = Math.min(TABLE_EVERY_MS, network.searchLookMs);
    timers.set(Math.max(context.now() + TABLE_AFTER_MS, this.#toldMs + everyMs), () => {
      this.#isTelling = false;
      this.#toldMs = context.now();
      if (this.#tables.size === 0) return;
      this.#asked = context.nextEffect();
      context.emit({ type: 'indexTable', effect: this.#asked });
    });
  }

  onOwnTable(effect: EffectId, table: Uint8Array): void {
    if (effect !== this.#asked) return;
    this.#asked = undefined;
    this.#own = table;
    this.#tellNext([...this.#tables.keys()]);
  }

  /** One hub after the other: of 40 tables of half a megabyte what changed is some milliseconds for each. */
  #tellNext(peers: readonly SearchPeer[]): void {
    const { context, timers } = this.#parts;
    const [peer, ...others] = peers;
    if (peer === undefined || this.#own === undefined) return;
    const tables = this.#tables.get(peer);
    if (tables !== undefined && !peer.congested) {
      this.#tell(peer, tables, 1, this.#own);
      const theirs = [...this.#tables].flatMap(([other, { theirs: told }]) => {
        const own = told.get(1);
        return other === peer || own === undefined ? [] : [own];
      });
      this.#tell(peer, tables, 2, unionOfTables(theirs));
    }
    if (others.length > 0) timers.set(context.now() + TELL_NEXT_MS, () => this.#tellNext(others));
  }

  #tell(peer: SearchPeer, tables: Tables, level: Level, table: Uint8Array): void {
    const before = tables.told.get(level);
    const begins = before?.length !== table.length;
    const pieces = tablePieces(begins ? new Uint8Array(table.length) : before, table);
    if (pieces.length === 0 && !begins) return;
    tables.told.set(level, table);
    const bits = Math.log2(table.length) + 3;
    let part: (typeof pieces)[number][] = [];
    let bytes = 0;
    let isFirst = true;
    const send = (): void => {
      this.#parts.peers.send(peer, { type: 'table', level, bits, begins: begins && isFirst, pieces: part });
      isFirst = false;
      part = [];
      bytes = 0;
    };
    for (const piece of pieces) {
      if (bytes + piece.bytes.length > SEARCH_PART_BYTES) send();
      part.push(piece);
      bytes += piece.bytes.length + 3;
    }
    if (part.length > 0 || isFirst) send();
  }

  #ask(peer: SearchPeer): void {
    const { peers, timers, context } = this.#parts;
    peer.inMesh = 'asked';
    peers.send(peer, { type: 'attach', purpose: 'mesh', freeSlots: 0 });
    timers.set(context.now() + ATTACH_TIMEOUT_MS, () => {
      if (peers.get(peer.link) !== peer || peer.inMesh !== 'asked') return;
      this.#records.doubt(peer.key);
      this.leave(peer, true);
    });
  }

  #join(peer: SearchPeer): void {
    const wasIn = peer.inMesh === 'yes';
    peer.inMesh = 'yes';
    if (wasIn) return;
    this.#tables.set(peer, { theirs: new Map(), told: new Map() });
    this.#onJoined(peer);
    this.tellSoon();
  }

  #forget(peer: SearchPeer): void {
    peer.inMesh = 'no';
    this.#tables.delete(peer);
  }
}

/** Changes of a moment are told together. Guess. */
const TABLE_AFTER_MS = 500;
/** Between one hub and the next: other work has its turn. All of MAX_MESH_HUBS are told in less than half a second. */
const TELL_NEXT_MS = 10;
