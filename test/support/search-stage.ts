/**
 * One core on a stage: its peers are puppets that say what the test says, its index answers what the test has put into it. For
 * what a network of honest nodes never shows.
 */
import { toHex } from '../../shared/base/bytes.ts';
import type { Effect, NodeEvent } from '../../src-main/core/effects.ts';
import { networkIdOf } from '../../src-main/core/links/links.ts';
import { networkParameters } from '../../src-main/core/network-parameters.ts';
import type { NetworkParameters } from '../../src-main/core/network-parameters.ts';
import { Node } from '../../src-main/core/node.ts';
import type { KeyPair, LinkId } from '../../src-main/core/ports.ts';
import { locationOf } from '../../src-main/core/routing/location.ts';
import type { SearchOptions } from '../../src-main/core/search/effects.ts';
import type { FileEntry, Hit } from '../../src-main/core/search/entry.ts';
import type { ListState } from '../../src-main/core/search/index-port.ts';
import type { Query } from '../../src-main/core/search/query.ts';
import { tablePieces } from '../../src-main/core/search/word-table-patch.ts';
import { tableOf } from '../../src-main/core/search/word-table.ts';
import { signHubRecord } from '../../src-main/core/wire/hub-record.ts';
import type { HubRecord } from '../../src-main/core/wire/hub-record.ts';
import { encodeLinkMessage } from '../../src-main/core/wire/link-messages.ts';
import { decodeSearchMessage, encodeSearchMessage } from '../../src-main/core/wire/search-messages.ts';
import type { SearchMessage } from '../../src-main/core/wire/search-messages.ts';
import { encodeTransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import type { TransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { seededRandom } from './seeded-random.ts';

export const crypto = createSodiumCrypto();
const WALL_START_MS = Date.UTC(2030, 0, 1);

export class Puppet {
  readonly keys: KeyPair;
  readonly link: LinkId;
  readonly host: string;
  /** What the core has said to it and the test has not taken yet. */
  readonly heard: SearchMessage[] = [];
  isOpen = true;
  readonly #stage: Stage;

  constructor(stage: Stage, link: LinkId, name: string, host: string) {
    this.#stage = stage;
    this.link = link;
    this.host = host;
    this.keys = crypto.keyPairFromSeed(crypto.hash('puppet', new TextEncoder().encode(name)));
  }

  say(message: SearchMessage): void {
    this.sayBytes(encodeSearchMessage(message));
  }

  sayBytes(bytes: Uint8Array): void {
    if (this.isOpen) this.#stage.handle({ type: 'message', link: this.link, channel: 'search', bytes });
  }

  sayTransfer(message: TransferMessage): void {
    const bytes = encodeTransferMessage(message);
    if (this.isOpen) this.#stage.handle({ type: 'message', link: this.link, channel: 'transfer', bytes });
  }

  hello(targetLinks: number): void {
    const network = networkIdOf(crypto, this.#stage.network);
    const bytes = encodeLinkMessage({ type: 'hello', version: 1, network, targetLinks });
    this.#stage.handle({ type: 'message', link: this.link, channel: 'link', bytes });
  }

  /** All of one type that it heard, which it has then not heard. */
  take<Type extends SearchMessage['type']>(type: Type): Extract<SearchMessage, { type: Type }>[] {
    const taken = this.heard.filter((message) => message.type === type);
    for (const message of taken) this.heard.splice(this.heard.indexOf(message), 1);
    return taken as Extract<SearchMessage, { type: Type }>[];
  }

  record(changes: Partial<Omit<HubRecord, 'signature'>> = {}): HubRecord {
    const contact = { publicKey: this.keys.publicKey, host: this.host, port: 40_000 };
    const madeSeconds = Math.floor(this.#stage.wallMs() / 1_000);
    const networkId = networkIdOf(crypto, this.#stage.network);
    return signHubRecord(crypto, networkId, this.keys, { contact, madeSeconds, leaves: 1, room: 15, ...changes });
  }

  leave(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#stage.handle({ type: 'linkDown', link: this.link });
  }
}

export class Stage {
  readonly network: NetworkParameters;
  readonly core: Node;
  readonly puppets: Puppet[] = [];
  nowMs = 0;
  /** What the index finds for any query, and how often it was asked. */
  hits: Hit[] = [];
  queries: Query[] = [];
  /** False: the index does not answer now; `answerIndex` does it later. */
  indexAnswers = true;
  readonly dialled: string[] = [];
  readonly effects: Effect[] = [];
  listState: ListState | undefined;
  /** Undefined: manifests take for ever. */
  verdict: 'true' | 'false' | 'unknown' | undefined = 'true';
  readonly ownKeys: KeyPair;
  #wakeMs = Number.POSITIVE_INFINITY;
  #lastLink = 0;
  readonly #pending: NodeEvent[] = [];

  constructor(options: Partial<SearchOptions> = {}, network: Partial<NetworkParameters> = {}) {
    this.network = { ...networkParameters('practice-stage'), ...network };
    this.ownKeys = crypto.keyPairFromSeed(new Uint8Array(32).fill(200));
    this.core = new Node({
      crypto,
      random: seededRandom(11),
      network: this.network,
      keyPair: this.ownKeys,
      location: locationOf(this.ownKeys.publicKey),
      targetLinks: 12,
      wallMs: () => this.wallMs(),
      storeQuotaBytes: () => 1e9,
      search: {
        hubWish: () => 'never',
        address: () => ({ host: '203.0.113.1', port: 40_000 }),
        ...options,
      },
      transfers: { address: () => undefined },
    });
  }

  wallMs(): number {
    return WALL_START_MS + this.nowMs;
  }

  /** A routing neighbour, or with `forSearch` a node that linked for search alone. */
  meet(name: string, forSearch = false, host = `198.51.${this.#lastLink & 255}.9`, initiator = false): Puppet {
    const puppet = new Puppet(this, (this.#lastLink += 1), name, host);
    this.puppets.push(puppet);
    const { link, keys } = puppet;
    this.handle({ type: 'linkUp', info: { link, publicKey: keys.publicKey, initiator, host, port: 40_000 } });
    puppet.hello(forSearch ? 0 : 12);
    return puppet;
  }

  /** A neighbour that says it is a hub, and takes this node as a leaf when it asks. */
  meetHub(name: string): Puppet {
    const hub = this.meet(name);
    hub.say({ type: 'role', hub: hub.record() });
    this.run(20_000, () => hub.heard.some(({ type }) => type === 'attach'));
    hub.say({ type: 'attached', purpose: 'leaf', outcome: 'taken' });
    return hub;
  }

  /** A leaf of this hub. */
  meetLeaf(name: string): Puppet {
    const leaf = this.meet(name, true);
    leaf.say({ type: 'attach', purpose: 'leaf', freeSlots: 2 });
    return leaf;
  }

  /** A hub of this hub's mesh, whose words are these. */
  meetMeshHub(name: string, words: readonly string[]): Puppet {
    const hub = this.meet(name, true);
    hub.say({ type: 'role', hub: hub.record() });
    hub.say({ type: 'attach', purpose: 'mesh', freeSlots: 0 });
    const table = tableOf(new Set(words));
    const bits = Math.log2(table.length * 8);
    // As it is: all of a small table is one piece.
    hub.say({ type: 'table', level: 1, bits, begins: true, pieces: plainPieces(table) });
    return hub;
  }

  handle(event: NodeEvent): void {
    this.#pending.push(event);
    if (this.#pending.length > 1) return;
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      for (const effect of this.core.handle(next, this.nowMs)) this.#perform(effect);
      this.#pending.shift();
    }
  }

  run(durationMs: number, until?: () => boolean): boolean {
    const endMs = this.nowMs + durationMs;
    while (until?.() !== true) {
      if (this.#wakeMs > endMs) {
        this.nowMs = endMs;
        return until?.() ?? true;
      }
      this.nowMs = Math.max(this.nowMs, this.#wakeMs);
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.handle({ type: 'wake' });
    }
    return true;
  }

  search(
    operation: number,
    query: Query,
    options: { readonly want?: number; readonly anonymousOnly?: boolean } = {},
  ): void {
    const { want = 250, anonymousOnly = false } = options;
    this.handle({ type: 'search', operation, query, want, timeoutMs: 10_000, anonymousOnly });
  }

  take<Type extends Effect['type']>(type: Type): Extract<Effect, { type: Type }>[] {
    const taken = this.effects.filter((effect) => effect.type === type);
    for (const effect of taken) this.effects.splice(this.effects.indexOf(effect), 1);
    return taken as Extract<Effect, { type: Type }>[];
  }

  answerIndex(): void {
    for (const { effect } of this.take('indexQuery'))
      this.handle({ type: 'indexQueryDone', effect, hits: this.hits, more: false });
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'send': {
        const puppet = this.puppets.find(({ link }) => link === effect.link);
        if (puppet === undefined || effect.channel !== 'search') return;
        const decoded = decodeSearchMessage(effect.bytes);
        if (!decoded.ok) throw new Error(`the core sent what does not decode: ${decoded.code}`);
        puppet.heard.push(decoded.value);
        return;
      }
      case 'close': {
        const puppet = this.puppets.find(({ link }) => link === effect.link);
        if (puppet !== undefined) puppet.isOpen = false;
        return;
      }
      case 'dial':
        this.dialled.push(toHex(effect.node.publicKey));
        return;
      case 'wake':
        this.#wakeMs = effect.atMs;
        return;
      case 'locate':
        this.#pending.push({ type: 'located', effect: effect.effect, location: locationOf(effect.publicKey) });
        return;
      case 'indexState':
        this.#pending.push({ type: 'indexStateDone', effect: effect.effect, state: this.listState });
        return;
      case 'indexQuery':
        this.queries.push(effect.query);
        if (!this.indexAnswers) this.effects.push(effect);
        else this.#pending.push({ type: 'indexQueryDone', effect: effect.effect, hits: this.hits, more: false });
        return;
      case 'indexTable':
        this.#pending.push({ type: 'indexTableDone', effect: effect.effect, table: tableOf(new Set(['tide'])) });
        return;
      case 'verifyListing':
        this.effects.push(effect);
        if (this.verdict !== undefined)
          this.#pending.push({ type: 'listingVerified', effect: effect.effect, verdict: this.verdict });
        return;
      case 'indexListing':
        this.effects.push(effect);
        this.#pending.push({ type: 'indexListingDone', effect: effect.effect, outcome: 'done' });
        return;
      default:
        this.effects.push(effect);
    }
  }
}

function plainPieces(table: Uint8Array): { readonly index: number; readonly bytes: Uint8Array }[] {
  return tablePieces(new Uint8Array(table.length), table);
}

export function word(text: string): Query {
  return { terms: [{ kind: 'word', words: [text], excluded: false }], kind: 'direct' };
}

export function file(name: string, number = 1): FileEntry {
  const root = crypto.hash('test file', new TextEncoder().encode(`${name} ${number}`));
  return { root, name, folder: '', sizeBytes: 1_000, day: 20_000 };
}

export function hitOf(name: string, number = 1, source = new Uint8Array(32).fill(5)): Hit {
  return { kind: 'direct', entry: file(name, number), source, freeSlots: 1 };
}

export const id = (first: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, index) => (first * 7 + index * ((first >> 5) | 1)) & 255);
