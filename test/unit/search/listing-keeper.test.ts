/** The publisher's side of listings: signed, told again until hubs have them, renewed, taken back from any machine. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { formatLink, parseLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { verifyListingRecord } from '../../../src-main/core/wire/listing-record.ts';
import type { ListingVerifier, ListOutcome } from '../../../src-main/services/node/search-network.ts';
import { Listings } from '../../../src-main/services/search/listings.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLibraryStore } from '../../support/memory-stores.ts';
import { crypto } from '../../support/search-stage.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const keys = crypto.keyPairFromSeed(new Uint8Array(32).fill(1));
const LISTED = {
  title: 'Tide tables',
  shape: 'file',
  index: undefined,
  files: [{ path: 'tides.pdf', sizeBytes: 9 }],
} as const;

function linkOf(): PublicationLink {
  const secret = new Uint8Array(16).fill(1);
  const body = { class: 1, k: 3, n: 10, documentKey: keys.publicKey, readSecret: secret, namesDigest: secret } as const;
  const parsed = parseLink(formatLink({ ...body, path: '' }));
  assert.ok(parsed.ok);
  return parsed.value;
}

class Machine {
  readonly clock = new ManualClock(20_000 * DAY_MS);
  readonly store = new MemoryLibraryStore();
  readonly sent: Uint8Array[] = [];
  outcome: ListOutcome = 'done';
  /** What the publication says of its listing now. */
  truth: 'true' | 'false' | 'unknown' = 'true';
  /** Titles of the listings that were compared with it. */
  readonly compared: string[] = [];
  listings: Listings;

  constructor() {
    this.listings = this.#start([]);
  }

  async restart(): Promise<void> {
    await this.listings.close();
    this.listings = this.#start(await this.store.list());
  }

  #start(rows: Awaited<ReturnType<MemoryLibraryStore['list']>>): Listings {
    const { clock, store: libraryStore, sent } = this;
    const queries = {
      list: async (record: Uint8Array) => {
        sent.push(record);
        return this.outcome;
      },
    };
    const onDefect = (thrown: unknown): void => assert.fail(String(thrown));
    const random = seededRandom(1);
    const verify: ListingVerifier = async ({ title }) => {
      this.compared.push(title);
      return this.truth;
    };
    return new Listings({ clock, random, crypto, libraryStore, queries, verify, neighbours: () => 3, onDefect }, rows);
  }

  async list(title: string = LISTED.title): Promise<ListOutcome> {
    const record = this.listings.sign(keys, linkOf(), { ...LISTED, title }, ['harbour']);
    return this.listings.add(keys.publicKey, record, ['harbour']);
  }

  /** What was sent in this time. */
  async pass(milliseconds: number): Promise<readonly ('listing' | 'removal')[]> {
    const before = this.sent.length;
    for (let passed = 0; passed < milliseconds; passed += MINUTE_MS) {
      this.clock.advance(MINUTE_MS);
      await turn();
      await turn();
    }
    return this.sent.slice(before).map((record) => verifyListingRecord(crypto, record)!.kind);
  }
}

test('a listing is renewed every few days, and after a restart', async () => {
  const machine = new Machine();
  assert.equal(await machine.list(), 'done');
  assert.deepEqual(machine.listings.keywordsOf(keys.publicKey), ['harbour']);
  assert.deepEqual(await machine.pass(DAY_MS), []);
  const sent = await machine.pass(13 * DAY_MS);
  assert.ok(sent.length >= 2 && sent.every((kind) => kind === 'listing'), String(sent));
  await machine.restart();
  assert.deepEqual(await machine.pass(20 * MINUTE_MS), ['listing']);
});

test('what no hub took is told again within minutes, until one does', async () => {
  const machine = new Machine();
  machine.outcome = 'no-hubs';
  assert.equal(await machine.list(), 'no-hubs');
  assert.ok((await machine.pass(60 * MINUTE_MS)).length >= 3);
  machine.outcome = 'done';
  assert.equal((await machine.pass(20 * MINUTE_MS)).length, 1);
  assert.equal((await machine.pass(DAY_MS)).length, 0);
});

test('each is made later than the one before, in the same minute too', async () => {
  const machine = new Machine();
  await machine.list();
  await machine.list('Tide tables, mended');
  await machine.listings.remove(keys);
  const made = machine.sent.map((record) => verifyListingRecord(crypto, record)!.madeMinutes);
  assert.equal(made[1]! - made[0]!, 1);
  assert.ok(made[2]! > made[1]!);
});

test('a removal from another machine ends what was listed several times within this minute', async () => {
  const [machine, other] = [new Machine(), new Machine()];
  for (const edition of ['first', 'second', 'third', 'fourth']) await machine.list(`Tide tables, the ${edition}`);
  await other.listings.remove(keys);
  const last = (records: readonly Uint8Array[]): number => verifyListingRecord(crypto, records.at(-1)!)!.madeMinutes;
  assert.ok(last(other.sent) >= last(machine.sent));
});

test('it is taken back once hubs know it, by a machine that never listed it too, over restarts', async () => {
  const machine = new Machine();
  machine.outcome = 'no-hubs';
  await machine.listings.remove(keys);
  assert.equal(machine.listings.keywordsOf(keys.publicKey), undefined);
  await machine.restart();
  machine.outcome = 'done';
  assert.deepEqual(await machine.pass(30 * MINUTE_MS), ['removal']);
  assert.equal(machine.store.rows.size, 0);
  assert.deepEqual(await machine.pass(2 * DAY_MS), []);
});

test('a removal that nobody takes is given up when no listing can stand any more', async () => {
  const machine = new Machine();
  machine.outcome = 'no-hubs';
  await machine.listings.remove(keys);
  assert.ok((await machine.pass(15 * DAY_MS)).length > 100);
  assert.equal(machine.store.rows.size, 0);
});

test('what a new edition of another machine contradicts is not told any more, until it is listed anew from here', async () => {
  const machine = new Machine();
  await machine.list();
  machine.truth = 'false';
  assert.deepEqual(await machine.pass(13 * DAY_MS), []);
  assert.ok(machine.compared.length >= 2 && machine.compared.every((title) => title === LISTED.title));
  assert.deepEqual(machine.listings.keywordsOf(keys.publicKey), ['harbour'], 'for an update from here');
  await machine.list('Tide tables, mended');
  machine.truth = 'true';
  const before = machine.sent.length;
  assert.ok((await machine.pass(13 * DAY_MS)).length >= 2);
  const told = machine.sent.slice(before).map((record) => verifyListingRecord(crypto, record)!);
  assert.ok(told.every((each) => each.kind === 'listing' && each.entry.title === 'Tide tables, mended'));
});

test('a publication that cannot be read now is renewed all the same, and a removal is not compared with anything', async () => {
  const machine = new Machine();
  await machine.list();
  machine.truth = 'unknown';
  assert.ok((await machine.pass(7 * DAY_MS)).length >= 1);
  machine.truth = 'false';
  machine.outcome = 'no-hubs';
  await machine.listings.remove(keys);
  const compared = machine.compared.length;
  assert.ok((await machine.pass(60 * MINUTE_MS)).every((kind) => kind === 'removal'));
  assert.equal(machine.compared.length, compared);
});
