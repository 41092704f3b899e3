/** Pen names: editions, the highest wins over whatever is replayed, carrying them to another machine, and following. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { parsePenAddress } from '../../../shared/base/short-addresses.ts';
import type { PenAddress } from '../../../shared/base/short-addresses.ts';
import type { Following } from '../../../shared/ipc/address-model.ts';
import type { LibraryRow } from '../../../src-main/core/ports.ts';
import { penPlaces } from '../../../src-main/core/addresses/pen.ts';
import { Addresses } from '../../../src-main/services/addresses/addresses.ts';
import { exportPen, importPen } from '../../../src-main/services/addresses/pen-export.ts';
import { Pens } from '../../../src-main/services/addresses/pens.ts';
import { Library } from '../../../src-main/services/library/library.ts';
import { Rounds } from '../../../src-main/services/addresses/rounds.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLibraryStore, MemorySecretStore } from '../../support/memory-stores.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { crypto, linkText, parameters, quickHash, sampleLink, sampleWorld, stamper } from './samples.ts';
import type { World } from './samples.ts';

const PASSWORD = 'granite walnut ferry opaque lunar thistle';
const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

function pensOf(world: World, libraryStore = new MemoryLibraryStore(), penSecrets = new MemorySecretStore()) {
  const pens = new Pens({ ...world, libraryStore, penSecrets, changed: () => {} }, [...libraryStore.rows.values()]);
  return { pens, libraryStore, penSecrets };
}

function addressOf(text: string): PenAddress {
  const parsed = parsePenAddress(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

async function addressesOf(
  world: World,
  rows: readonly LibraryRow[] = [],
): Promise<{ addresses: Addresses; editions: Following[]; libraryStore: MemoryLibraryStore }> {
  const libraryStore = new MemoryLibraryStore();
  for (const row of rows) await libraryStore.put(row);
  const editions: Following[] = [];
  const addresses = await Addresses.load({
    ...{ ...world, libraryStore, parameters, stamper, passwordHash: quickHash },
    penSecrets: new MemorySecretStore(),
    claimSecret: new Uint8Array(32).fill(1),
    changed: () => {},
    onEdition: (following) => editions.push(following),
    onDefect: (thrown) => assert.fail(String(thrown)),
  });
  return { addresses, editions, libraryStore };
}

test('setting a name makes the next edition, which everybody with the address reads', async () => {
  const world = sampleWorld(1);
  const { pens, libraryStore, penSecrets } = pensOf(world);
  const pen = await pens.create(' Harbour ');
  assert.deepEqual([pen.name, pen.entries], ['Harbour', []]);
  await assert.rejects(() => pens.create('Harbour'), withCode('usage'));
  await assert.rejects(() => pens.create('a/b'), withCode('usage'));
  await assert.rejects(() => pens.set('Nobody', 'x', sampleLink(1)), withCode('not-found'));
  await assert.rejects(() => pens.set('Harbour', 'a/b', sampleLink(1)), withCode('usage'));
  const one = await pens.set('Harbour', 'Tide Tables', sampleLink(1));
  assert.deepEqual([one.edition, one.slots], [1, { wanted: 4, placed: 4 }]);
  assert.equal(one.address, `broadside:${pen.key}/tide-tables`);
  const two = await pensOf(world, libraryStore, penSecrets).pens.set('Harbour', 'tide-tables', sampleLink(2));
  assert.equal(two.edition, 2);
  const read = await pensOf(world).pens.get(addressOf(one.address));
  assert.deepEqual([read.version.counter, read.pointer.link], [2, sampleLink(2)]);
  await assert.rejects(() => pensOf(world).pens.get(addressOf(`${pen.key}/other`)), withCode('not-found'));
  assert.equal(penSecrets.secrets.size, 1);
  assert.ok(
    ![...libraryStore.rows.values()].some(({ value }) => value.includes(toHex([...penSecrets.secrets.values()][0]!))),
  );
});

test('an old edition that is replayed at all slots but one loses against the highest', async () => {
  const world = sampleWorld(2);
  const { pens } = pensOf(world);
  await pens.create('Harbour');
  const { address } = await pens.set('Harbour', 'x', sampleLink(1));
  const old = new Map(world.network.records);
  await pens.set('Harbour', 'x', sampleLink(2));
  const places = penPlaces(crypto, addressOf(address))!;
  for (const { address: place } of places.slice(0, 3)) world.network.records.set(toHex(place), old.get(toHex(place))!);
  const read = await pensOf(world).pens.get(addressOf(address));
  assert.equal(read.version.counter, 2);
  // Its author's node puts the newest back where it is missing.
  await pens.mend(address);
  world.network.lose(places[3]!.address);
  assert.equal((await pensOf(world).pens.get(addressOf(address))).version.counter, 2);
});

test('who sets offline of the last edition goes on from what is known here', async () => {
  const world = sampleWorld(3);
  const { pens } = pensOf(world);
  await pens.create('Harbour');
  await pens.set('Harbour', 'x', sampleLink(1));
  await pens.set('Harbour', 'x', sampleLink(2));
  world.network.records.clear();
  assert.equal((await pens.set('Harbour', 'x', sampleLink(3))).edition, 3);
  world.network.options.refuseInsert = () => 'full';
  await assert.rejects(() => pens.set('Harbour', 'x', sampleLink(4)), withCode('no-space'));
  delete world.network.options.refuseInsert;
  // The edition whose sending failed is not used for something else.
  assert.equal((await pens.set('Harbour', 'x', sampleLink(5))).edition, 5);
});

test('a pen name that is exported sets the next edition elsewhere, with the password alone', async () => {
  const world = sampleWorld(4);
  const { pens } = pensOf(world);
  const deps = { crypto, random: world.random, passwordHash: quickHash, kdfCost: { passes: 1, memoryKib: 65_536 } };
  const { key } = await pens.create('Harbour');
  await pens.set('Harbour', 'x', sampleLink(1));
  await pens.set('Harbour', 'x', sampleLink(2));
  const secret = await pens.secretOf('Harbour');
  await assert.rejects(() => exportPen(deps, secret, 'harbour'), withCode('weak-password'));
  const file = await exportPen(deps, secret, PASSWORD);
  await assert.rejects(() => importPen(deps, file, `${PASSWORD}s`), withCode('refused'));
  await assert.rejects(() => importPen(deps, file.subarray(0, 40), PASSWORD), withCode('damaged'));
  await assert.rejects(() => importPen(deps, new Uint8Array(100), PASSWORD), withCode('damaged'));
  const elsewhere = pensOf(world).pens;
  const taken = await elsewhere.import(await importPen(deps, file, PASSWORD));
  assert.deepEqual([taken.key, taken.name, taken.entries[0]!.edition], [key, 'Harbour', 2]);
  await assert.rejects(() => pens.import(secret), withCode('usage'));
  // Even where the network shows nothing any more.
  world.network.records.clear();
  assert.equal((await elsewhere.set('Harbour', 'x', sampleLink(3))).edition, 3);
});

test('two machines that set one name at once end with one newest edition', async () => {
  const world = sampleWorld(5);
  const one = pensOf(world).pens;
  await one.create('Harbour');
  const two = pensOf(world).pens;
  await two.import(await one.secretOf('Harbour'));
  const outcomes = await Promise.all([one.set('Harbour', 'x', sampleLink(1)), two.set('Harbour', 'x', sampleLink(2))]);
  const read = await pensOf(world).pens.get(addressOf(outcomes[0].address));
  const highest = Math.max(...outcomes.map(({ edition }) => edition));
  assert.equal(read.version.counter, highest);
  const shown = await Promise.all([1, 2, 3].map(() => pensOf(world).pens.get(addressOf(outcomes[0].address))));
  assert.equal(new Set(shown.map(({ pointer }) => pointer.link.documentKey[0])).size, 1);
});

test('new editions of what is followed are told once, and what was seen is never taken back', async () => {
  const world = sampleWorld(6);
  const { pens } = pensOf(world);
  const { key } = await pens.create('Harbour');
  const address = `broadside:${key}/x`;
  const { addresses, editions, libraryStore } = await addressesOf(world);
  const { handlers } = addresses;
  await handlers['pens.follow']({ address });
  assert.deepEqual(await handlers['pens.look']({}), await handlers['pens.following'](null));
  assert.equal((await handlers['pens.following'](null))[0]!.link, undefined);
  await pens.set('Harbour', 'x', sampleLink(1));
  await handlers['pens.look']({ address });
  assert.deepEqual(editions, [], 'what is found first is no news');
  const old = new Map(world.network.records);
  await pens.set('Harbour', 'x', sampleLink(2));
  await handlers['pens.look']({});
  await handlers['pens.look']({});
  assert.deepEqual(
    editions.map(({ edition, seenEdition, link }) => [edition, seenEdition, link]),
    [[2, 1, linkText(2)]],
  );
  // All hosts go back to the first edition: the second stands, after a restart too.
  world.network.records.clear();
  for (const [place, record] of old) world.network.records.set(place, record);
  const restarted = await addressesOf(world, [...libraryStore.rows.values()]);
  assert.deepEqual(await restarted.addresses.resolve(address), { kind: 'pen', address, link: linkText(2), edition: 2 });
  assert.deepEqual(restarted.editions, []);
  const fresh = await addressesOf(world);
  const replayed = await fresh.addresses.resolve(address);
  assert.deepEqual(replayed.kind === 'pen' && replayed.edition, 1, 'who never saw the second cannot know of it');
  await handlers['pens.seen']({ address });
  assert.equal((await handlers['pens.following'](null))[0]!.seenEdition, 2);
  await handlers['pens.unfollow']({ address });
  assert.deepEqual(await handlers['pens.following'](null), []);
  for (const part of [addresses, restarted.addresses, fresh.addresses]) await part.close();
});

test('a text that can be opened leads to one link, or says what there is to choose from', async () => {
  const world = sampleWorld(7);
  const one = await addressesOf(world);
  const { handlers } = one.addresses;
  const placed = async (state: string): Promise<void> => {
    while ((await handlers['words.mine'](null))[0]!.state !== state)
      await new Promise((resolve) => setImmediate(resolve));
  };
  assert.equal(await one.addresses.linkOf(linkText(1)), linkText(1));
  assert.equal(await one.addresses.linkOf('broadside:nonsense'), 'broadside:nonsense');
  await assert.rejects(() => one.addresses.linkOf('broadside:word/tide'), withCode('not-found'));
  await handlers['words.claim']({ words: 'Tide', link: linkText(1) });
  await placed('placed');
  assert.equal(await one.addresses.linkOf('broadside:word/TIDE'), linkText(1));
  const two = await Addresses.load({
    ...{ ...world, libraryStore: new MemoryLibraryStore(), parameters, stamper, passwordHash: quickHash },
    ...{ penSecrets: new MemorySecretStore(), claimSecret: new Uint8Array(32).fill(2), changed: () => {} },
    ...{ onEdition: () => {}, onDefect: () => {} },
  });
  await two.handlers['words.claim']({ words: 'tide', link: linkText(2) });
  while ((await two.handlers['words.mine'](null))[0]!.state !== 'placed')
    await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(
    () => one.addresses.linkOf('broadside:word/tide'),
    (thrown: unknown) =>
      withCode('usage')(thrown) && [linkText(1), linkText(2)].every((link) => (thrown as Error).message.includes(link)),
  );
  await assert.rejects(async () => handlers['words.claim']({ words: '...', link: linkText(1) }), withCode('usage'));
  await assert.rejects(async () => handlers['words.claim']({ words: 'a', link: 'broadside:a' }), withCode('bad-link'));
  await assert.rejects(async () => handlers['pens.follow']({ address: '@abc/x' }), withCode('bad-link'));
  await one.addresses.close();
  await two.close();
});

test('rounds come one at a time, at times that are drawn at random, and wait for a neighbour', async () => {
  const clock = new ManualClock();
  let links = 0;
  const deps = { clock, random: seededRandom(1), neighbours: () => links, onDefect: () => {} };
  const rounds = new Rounds(deps);
  const runs: { key: number; atMs: number }[] = [];
  let running = 0;
  for (let key = 0; key < 20; key += 1) {
    rounds.set(`task ${key}`, 60_000, 600_000, async () => {
      running += 1;
      assert.equal(running, 1);
      await Promise.resolve();
      runs.push({ key, atMs: clock.monotonicMs() });
      running -= 1;
    });
  }
  const pass = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 1_000) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await pass(200_000);
  assert.equal(runs.length, 0, 'nobody to ask');
  links = 1;
  const beganMs = clock.monotonicMs();
  await pass(200_000);
  assert.equal(new Set(runs.map(({ key }) => key)).size, 20);
  for (let index = 1; index < runs.length; index += 1) assert.ok(runs[index]!.atMs - runs[index - 1]!.atMs >= 3_000);
  runs.length = 0;
  await pass(600_000);
  const second = runs.map(({ atMs }) => Math.round((atMs - beganMs) / 10_000));
  assert.ok(new Set(second).size > 10, 'spread over time');
  rounds.delete('task 3');
  assert.equal(rounds.size, 19);
  await rounds.close();
  assert.equal(clock.pendingTimers, 0);
});

test('the library and short addresses keep their rows in one store without seeing each other’s', async () => {
  const world = sampleWorld(9);
  const { addresses, libraryStore } = await addressesOf(world);
  await addresses.handlers['pens.create']({ name: 'Harbour' });
  await addresses.handlers['pens.follow']({
    address: `@${(await addresses.handlers['pens.list'](null))[0]!.key.slice(1)}/x`,
  });
  await addresses.close();
  const library = await Library.load(libraryStore, () => {});
  assert.deepEqual(library.list(), []);
  await library.forgetOpened();
  const rows = [...libraryStore.rows.values(), { origin: 'pen', link: 'damaged', value: '{"name":1}' } as const];
  const again = await addressesOf(world, rows);
  assert.deepEqual(
    (await again.addresses.handlers['pens.list'](null)).map(({ name }) => name),
    ['Harbour'],
  );
  assert.equal((await again.addresses.handlers['pens.following'](null)).length, 1);
  assert.equal(again.libraryStore.rows.size, 3, 'what cannot be read is left alone');
  await again.addresses.close();
});
