/** Listings at a hub: signed, checked against the manifest before they are found, passed on once, and gone when they have to be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLinkBody } from '../../../shared/base/links.ts';
import {
  LISTING_MINUTES,
  MAX_LISTING_CHECKS,
  MAX_LISTINGS_WAITING,
  MAX_SEARCH_GARBAGE,
} from '../../../src-main/core/limits.ts';
import type { PublicationEntry } from '../../../src-main/core/search/entry.ts';
import { signListing, signListingRemoval } from '../../../src-main/core/wire/listing-record.ts';
import { crypto, id, Stage } from '../../support/search-stage.ts';

const keysOf = (number: number) => crypto.keyPairFromSeed(new Uint8Array(32).fill(number));

function entryOf(number: number, title = 'The harbour board'): PublicationEntry {
  const { publicKey: documentKey } = keysOf(number);
  const secret = new Uint8Array(16).fill(number);
  const link = encodeLinkBody({
    class: 1,
    k: 3,
    n: 10,
    documentKey,
    readSecret: secret,
    namesDigest: secret,
  });
  return {
    documentKey,
    link,
    title,
    keywords: ['harbour'],
    shape: 'site',
    fileKind: 'document',
    sizeBytes: 9,
    day: 20_000,
  };
}

function hubStage(): Stage {
  const stage = new Stage({ hubWish: () => 'always' });
  stage.meet('neighbour');
  stage.run(5_000, () => stage.core.search()!.role === 'hub');
  return stage;
}

const nowMinutes = (stage: Stage): number => Math.floor(stage.wallMs() / 60_000);
const listed = (record: Uint8Array, expiresMinutes: number) =>
  ({ type: 'listings', listings: [{ record, expiresMinutes }] }) as const;

test('a listing is checked against its manifest, indexed for fourteen days at most, and passed on to the others of the mesh', () => {
  const stage = hubStage();
  const [from, other] = [stage.meetMeshHub('from', []), stage.meetMeshHub('other', [])];
  const record = signListing(crypto, keysOf(1), entryOf(1), nowMinutes(stage));
  from.say(listed(record, nowMinutes(stage) + 10 * LISTING_MINUTES));
  assert.equal(stage.take('verifyListing').length, 1);
  const [write] = stage.take('indexListing');
  assert.equal(write!.listing.expiresMinutes, nowMinutes(stage) + LISTING_MINUTES);
  assert.equal(other.take('listings').length, 1);
  assert.equal(from.take('listings').length, 0);
  // The same again is known.
  other.say(listed(record, nowMinutes(stage) + LISTING_MINUTES));
  assert.equal(stage.take('indexListing').length, 0);
  assert.equal(from.take('listings').length, 0);
});

test('a listing that its manifest does not bear out is neither found nor passed on', () => {
  for (const verdict of ['false', 'unknown'] as const) {
    const stage = hubStage();
    stage.verdict = verdict;
    const [from, other] = [stage.meetMeshHub('from', []), stage.meetMeshHub('other', [])];
    from.say(listed(signListing(crypto, keysOf(1), entryOf(1), nowMinutes(stage)), nowMinutes(stage) + 100));
    assert.equal(stage.take('verifyListing').length, 1);
    assert.equal(stage.take('indexListing').length, 0);
    assert.equal(other.take('listings').length, 0);
  }
});

test('what another signed is garbage; what expired or is of a clock far ahead is passed over', () => {
  const stage = hubStage();
  const from = stage.meetMeshHub('from', []);
  const now = nowMinutes(stage);
  from.say(listed(signListing(crypto, keysOf(1), entryOf(1), now), now));
  from.say(listed(signListing(crypto, keysOf(1), entryOf(1), now + 60), now + 100));
  assert.equal(stage.take('verifyListing').length, 0);
  assert.ok(from.isOpen);
  for (let count = 0; count < MAX_SEARCH_GARBAGE; count += 1)
    from.say(listed(signListing(crypto, keysOf(2), entryOf(1), now), now + 100));
  assert.equal(stage.take('verifyListing').length, 0);
  assert.ok(!from.isOpen);
});

test('a removal takes it away everywhere, and it does not come back by a renewal', () => {
  const stage = hubStage();
  const [from, other] = [stage.meetMeshHub('from', []), stage.meetMeshHub('other', [])];
  const now = nowMinutes(stage);
  const record = signListing(crypto, keysOf(1), entryOf(1), now - 5);
  from.say(listed(record, now + 100));
  stage.take('indexListing');
  other.take('listings');
  from.say(listed(signListingRemoval(crypto, keysOf(1), now), now + 100));
  assert.equal(stage.take('indexUnlist').length, 1);
  assert.equal(other.take('listings').length, 1);
  other.say(listed(record, now + LISTING_MINUTES));
  assert.equal(stage.take('indexListing').length, 0);
  // Its publisher may list it anew.
  stage.run(120_000);
  from.say(listed(signListing(crypto, keysOf(1), entryOf(1, 'Again'), nowMinutes(stage)), nowMinutes(stage) + 100));
  assert.equal(stage.take('indexListing')[0]!.listing.entry.title, 'Again');
});

test('a renewal counts once a day, and a changed listing replaces the older one', () => {
  const stage = hubStage();
  const [from, other] = [stage.meetMeshHub('from', []), stage.meetMeshHub('other', [])];
  const now = nowMinutes(stage);
  const record = signListing(crypto, keysOf(1), entryOf(1), now - 5);
  from.say(listed(record, now + 5_000));
  from.say(listed(record, now + 5_100));
  assert.equal(stage.take('indexListing').length, 1);
  from.say(listed(record, now + 9_000));
  assert.equal(stage.take('indexListing').length, 1);
  assert.equal(stage.take('verifyListing').length, 1, 'what it says was checked');
  from.say(listed(signListing(crypto, keysOf(1), entryOf(1, 'Newer'), now), now + 9_000));
  assert.equal(stage.take('verifyListing').length, 1);
  from.say(listed(record, now + 19_000));
  assert.equal(stage.take('indexListing').at(-1)!.listing.entry.title, 'Newer');
  assert.equal(other.take('listings').length, 3);
});

test('a new hub asks those of its mesh for what they have, part after part', () => {
  const stage = hubStage();
  const mesh = stage.meetMeshHub('mesh', []);
  assert.deepEqual(mesh.take('askListings'), [{ type: 'askListings' }]);
  const now = nowMinutes(stage);
  const listings = Array.from({ length: 20 }, (_, number) => ({
    record: signListing(crypto, keysOf(number), entryOf(number), now),
    expiresMinutes: now + 100,
  }));
  mesh.say({ type: 'listings', listings });
  assert.equal(stage.take('indexListing').length, 20);
  assert.deepEqual(mesh.take('askListings'), [{ type: 'askListings', after: keysOf(19).publicKey }]);
  mesh.say({ type: 'askListings', after: keysOf(3).publicKey });
  const [read] = stage.take('indexListings');
  assert.deepEqual(read!.after, keysOf(3).publicKey);
  const { record } = listings[0]!;
  stage.handle({
    type: 'indexListingsDone',
    effect: read!.effect,
    listings: [{ entry: entryOf(0), record, madeMinutes: now, expiresMinutes: now + 100 }],
  });
  assert.deepEqual(mesh.take('listings').at(-1)!.listings, [{ record, expiresMinutes: now + 100 }]);
});

test('checks are few at once, and what waits is bounded', () => {
  const stage = hubStage();
  const mesh = stage.meetMeshHub('mesh', []);
  const now = nowMinutes(stage);
  stage.verdict = undefined;
  for (let minute = 0; minute < MAX_LISTING_CHECKS + MAX_LISTINGS_WAITING + 10; minute += 1)
    mesh.say(listed(signListing(crypto, keysOf(1), entryOf(1), now - 1_000 + minute), now + 100));
  const checks = stage.take('verifyListing');
  assert.equal(checks.length, MAX_LISTING_CHECKS);
  assert.equal(stage.core.tableSizes()['listingsWaiting'], MAX_LISTINGS_WAITING);
  stage.handle({ type: 'listingVerified', effect: checks[0]!.effect, verdict: 'unknown' });
  assert.equal(stage.take('verifyListing').length, 1);
});

test('a listing goes out by the stem, not to the hubs of its publisher', () => {
  const stage = new Stage();
  const hub = stage.meetHub('hub');
  const [next, more] = [stage.meet('next'), stage.meet('more')];
  const record = signListing(crypto, keysOf(1), entryOf(1), nowMinutes(stage));
  stage.handle({ type: 'list', operation: 5, record });
  const taken = [hub, next, more].flatMap((puppet) =>
    puppet.take('stemListing').map((message) => ({ puppet, message })),
  );
  assert.equal(taken.length, 1);
  assert.equal(hub.take('listings').length, 0);
  const { puppet, message } = taken[0]!;
  puppet.say({ type: 'listed', id: message.id, outcome: 'done' });
  assert.deepEqual(stage.take('listDone'), [{ type: 'listDone', operation: 5, outcome: 'done' }]);
  stage.handle({ type: 'list', operation: 6, record: record.subarray(1) });
  assert.equal(stage.take('listDone')[0]!.outcome, 'refused');
  // One who refuses is not the last.
  stage.handle({ type: 'list', operation: 7, record });
  for (let round = 0; round < 3; round += 1)
    for (const each of [hub, next, more])
      for (const { id: sent } of each.take('stemListing')) each.say({ type: 'listed', id: sent, outcome: 'no-hubs' });
  assert.equal(stage.take('listDone')[0]!.outcome, 'no-hubs');
});

test('at the end of a stem a leaf gives a listing to its hubs, and forged ones to nobody', () => {
  const stage = new Stage({}, { stemEndsOneIn: 1 });
  const hub = stage.meetHub('hub');
  const from = stage.meet('from');
  const record = signListing(crypto, keysOf(1), entryOf(1), nowMinutes(stage));
  from.say({ type: 'stemListing', id: id(1), record });
  assert.equal(hub.take('listings').length, 1);
  assert.deepEqual(from.take('listed'), [{ type: 'listed', id: id(1), outcome: 'done' }]);
  from.say({ type: 'stemListing', id: id(2), record: signListing(crypto, keysOf(2), entryOf(1), nowMinutes(stage)) });
  assert.equal(hub.take('listings').length, 0);
  assert.equal(from.take('listed')[0]!.outcome, 'refused');
});
