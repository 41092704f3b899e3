/** Updating, deleting and changing the password, on real parts but for the network. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatLink, parseLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { UpdateJob } from '../../../shared/ipc/model.ts';
import { movedCounter, readSlot, slotPlaces } from '../../../src-main/core/publish/slot.ts';
import type { InsertFailure } from '../../../src-main/services/block-network.ts';
import { verifyListingRecord } from '../../../src-main/core/wire/listing-record.ts';
import { decodeRecord, KIND_SLOT } from '../../../src-main/core/wire/record.ts';
import { startCheck } from '../../../src-main/services/read/check.ts';
import { gather } from '../../../src-main/services/read/gather.ts';
import { describe as publicationOf, PublicationReader } from '../../../src-main/services/read/publication-reader.ts';
import type { MemoryBlockNetwork } from '../../support/memory-block-network.ts';
import { createTestPublisher, readBack } from '../../support/publishing.ts';
import type { TestPublisher, TestPublisherOptions } from '../../support/publishing.ts';
import { pattern, withCode } from '../read/world.ts';

const PASSWORD = 'ribbon cactus orbit velvet thunder maple candle glacier';
const OTHER = 'orange tunnel basket frozen walrus pepper violin harbor';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const machines: TestPublisher[] = [];
after(async () => {
  for (const machine of machines) await machine.close();
});

async function machine(options: TestPublisherOptions = {}): Promise<TestPublisher> {
  const created = await createTestPublisher(options);
  machines.push(created);
  return created;
}

let files = 0;
/** A file with this content. */
function file(on: TestPublisher, content: Uint8Array | string, name = 'page.txt'): string {
  const directory = join(on.directory, `file-${(files += 1)}`);
  mkdirSync(directory);
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}

function linkOf(link: string): PublicationLink {
  const parsed = parseLink(link);
  assert.ok(parsed.ok);
  return parsed.value;
}

/** Where each slot of an edition leads: a link, 'deleted', 'live' or undefined when there is none. */
function slotsOf(on: TestPublisher, link: string): (string | undefined)[] {
  const parsed = linkOf(link);
  return slotPlaces(on.crypto, parsed)!.map((place) => {
    const record = on.network.records.get(toHex(place.address));
    if (record === undefined) return undefined;
    const read = readSlot(on.crypto, parsed, place, record);
    if (!read.ok) return read.code;
    const { body } = read.value.payload;
    return body.kind === 'moved' ? formatLink(body.link) : body.kind === 'deleted' ? 'deleted' : 'live';
  });
}

const all = (value: string, n = 10): string[] => Array.from({ length: n }, () => value);

async function read(on: TestPublisher, link: string): Promise<string> {
  const gathered = await gather(on.deps, linkOf(link));
  const reader = new PublicationReader(on.deps, gathered);
  let content = '';
  for await (const chunk of reader.whole(gathered.manifest.files[0]!)) content += new TextDecoder().decode(chunk);
  return content;
}

async function published(on: TestPublisher, content: Uint8Array | string = 'first'): Promise<string> {
  const job = await on.publish(file(on, content), { password: PASSWORD });
  assert.equal(job.state, 'done', job.error?.message);
  return job.link!;
}

/** The first `slots` slots are stored; the next is refused, and `then` is called. */
function stopAfter(network: MemoryBlockNetwork, slots: number, then: () => void, code: InsertFailure): void {
  let stored = 0;
  network.options.refuseInsert = ({ record }) => {
    if (record.kind !== KIND_SLOT) return undefined;
    stored += 1;
    if (stored <= slots) return undefined;
    then();
    return code;
  };
}

/** What hubs were told of: titles with their words, and removals. */
function told(on: TestPublisher): string[] {
  return on.listed.map((record) => {
    const listing = verifyListingRecord(on.crypto, record);
    assert.ok(listing !== undefined, 'it is signed by the publisher');
    return listing.kind === 'listing' ? [listing.entry.title, ...listing.entry.keywords].join(' ') : 'removal';
  });
}

describe('what is listed', () => {
  it('is listed anew by an update from there, and from another machine by whoever says so, with words of their own', async () => {
    const first = await machine();
    const list = { keywords: ['harbour'] };
    const job = await first.publish(file(first, 'one'), { password: PASSWORD, title: 'One', list });
    assert.equal(job.listing, 'done');
    const link = job.link!;
    const second = await machine({ network: first.network });
    const unasked = await second.update(link, PASSWORD, file(second, 'two'), { title: 'Two' });
    assert.deepEqual([unasked.outcome, unasked.listing, told(second)], ['published', undefined, []]);
    const changed = await second.update(link, PASSWORD, file(second, 'three'), {
      title: 'Three',
      list: { keywords: ['quay'] },
    });
    assert.equal(changed.listing, 'done');
    assert.deepEqual(told(second), ['Three quay']);
    const same = await second.update(link, PASSWORD, file(second, 'three'), { title: 'Three', list });
    assert.deepEqual([same.outcome, same.listing], ['unchanged', 'done']);
    assert.deepEqual(told(second), ['Three quay', 'Three harbour']);
    const again = await second.update(link, PASSWORD, file(second, 'four'), { title: 'Four' });
    assert.equal(again.listing, 'done', 'from now on it is listed from there');
    assert.deepEqual(told(second).at(-1), 'Four harbour');
    const back = await first.update(link, PASSWORD, file(first, 'five'), { title: 'Five' });
    assert.deepEqual([back.listing, told(first)], ['done', ['One harbour', 'Five harbour']]);
  });

  it('is listed, and taken out of search, without an update, from any machine that has the password', async () => {
    const first = await machine();
    const link = (await first.publish(file(first, 'one'), { password: PASSWORD, title: 'One' })).link!;
    const settled = async (on: TestPublisher, id: string): Promise<UpdateJob> =>
      (await on.jobs.settled(id)) as UpdateJob;
    const second = await machine({ network: first.network });
    const inserts = first.network.insertCount;
    const wrong = await settled(second, second.reviser.startListing({ link, password: OTHER, list: { keywords: [] } }));
    assert.deepEqual([wrong.state, wrong.error?.code, told(second)], ['failed', 'refused', []]);
    const listed = await settled(
      second,
      second.reviser.startListing({ link, password: PASSWORD, list: { keywords: ['quay'] } }),
    );
    assert.deepEqual(
      [listed.state, listed.change, listed.listing, told(second)],
      ['done', 'listing', 'done', ['One quay']],
    );
    const marked = second.deps.listings.marked(second.library.list());
    assert.deepEqual(
      marked.map((entry) => [entry.title, entry.origin, entry.listed]),
      [['One', 'published', ['quay']]],
    );
    const gone = await settled(first, first.reviser.startListing({ link, password: PASSWORD }));
    assert.deepEqual([gone.state, gone.unlisting, gone.listing, told(first)], ['done', 'done', undefined, ['removal']]);
    assert.equal(first.network.insertCount, inserts, 'nothing of what is published changes');
    const back = await settled(first, first.reviser.startListing({ link, password: PASSWORD, list: { keywords: [] } }));
    assert.equal(back.listing, 'done');
    const made = first.listed.map((record) => verifyListingRecord(first.crypto, record)!.madeMinutes);
    assert.ok(made[1]! > made[0]!, 'or hubs would not take it back so soon');
  });

  it('is taken out of search by an update that says so, under every document key that it had', async () => {
    const first = await machine();
    const list = { keywords: ['harbour'] };
    const job = await first.publish(file(first, 'one'), { password: PASSWORD, title: 'One', list });
    const { newLink } = await first.changePassword(job.link!, PASSWORD, OTHER);
    const before = told(first).length;
    const updated = await first.update(newLink!, OTHER, file(first, 'two'), { title: 'Two', list: null });
    assert.deepEqual([updated.outcome, updated.listing, updated.unlisting], ['published', undefined, 'done']);
    assert.deepEqual(told(first).slice(before), ['removal', 'removal']);
    const same = await first.update(newLink!, OTHER, file(first, 'two'), { title: 'Two', list: null });
    assert.deepEqual([same.outcome, same.unlisting], ['unchanged', 'done']);
    const after = await first.update(newLink!, OTHER, file(first, 'three'), { title: 'Three' });
    assert.deepEqual([after.outcome, after.listing], ['published', undefined], 'it stays out');
  });

  it('is renewed no more when somebody says so of what has no password', async () => {
    const first = await machine();
    const job = await first.publish(file(first, 'one'), { class: 'fixed', title: 'One', list: { keywords: ['pier'] } });
    assert.throws(
      () => first.reviser.startListing({ link: job.link!, password: PASSWORD }),
      (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === 'refused',
    );
    const { listings } = first.deps;
    assert.deepEqual(listings.marked(first.library.list())[0]!.listed, ['pier']);
    await listings.stop(linkOf(job.link!).documentKey);
    assert.equal(listings.marked(first.library.list())[0]!.listed, undefined);
    assert.deepEqual(told(first), ['One pier']);
  });

  it('stands under the new document key alone when the password is changed', async () => {
    const first = await machine();
    const job = await first.publish(file(first, 'one'), { password: PASSWORD, title: 'One', list: { keywords: [] } });
    const changed = await first.changePassword(job.link!, PASSWORD, OTHER);
    assert.equal(changed.listing, 'done');
    assert.deepEqual(told(first), ['One', 'One', 'removal']);
  });
});

describe('an update', () => {
  it('is read by the old link in one hop, after any number of them, from any machine and by any link', async () => {
    const first = await machine();
    const links = [await published(first)];
    for (let edition = 2; edition <= 7; edition += 1) {
      // Each by a machine that never saw it, by a link of whatever edition.
      const other = await machine({ network: first.network });
      const job = await other.update(links[(edition * 5) % links.length]!, PASSWORD, file(other, `edition ${edition}`));
      assert.equal(job.state, 'done', job.error?.message);
      assert.equal(job.edition, edition);
      assert.equal(job.outcome, 'published');
      assert.deepEqual([job.slotsWanted, job.slotsReplaced], [10 * (edition - 1), 10 * (edition - 1)]);
      links.push(job.newLink!);
      for (const link of links.slice(0, -1)) assert.deepEqual(slotsOf(first, link), all(job.newLink!));
      assert.deepEqual(slotsOf(first, job.newLink!), all('live'));
    }
    for (const link of links) assert.equal(await read(first, link), 'edition 7');
    const gathered = await gather(first.deps, linkOf(links[2]!));
    const shown = publicationOf(new PublicationReader(first.deps, gathered), linkOf(links[2]!));
    assert.equal(shown.edition, 7);
    assert.equal(shown.linkEdition, 3);
    assert.equal(shown.newestLink, links[6]);
    assert.deepEqual(
      shown.earlier.map(({ number, sizeBytes }) => [number, sizeBytes]),
      [6, 5, 4, 3, 2, 1].map((number) => [number, number === 1 ? 5 : 9]),
    );
    const direct = await gather(first.deps, linkOf(links[6]!));
    assert.equal(direct.linkEdition, undefined);
  });

  it('with a wrong password is refused, and nothing is sent', async () => {
    const first = await machine();
    const link = await published(first);
    const [inserts, entries] = [first.network.insertCount, first.library.list()];
    const jobs = [
      await first.update(link, OTHER, file(first, 'second')),
      await first.delete(link, OTHER),
      await first.changePassword(link, OTHER, 'another quite long phrase of many random words indeed'),
    ];
    for (const job of jobs) {
      assert.equal(job.state, 'failed');
      assert.equal(job.error?.code, 'refused');
      assert.match(job.error!.message, /not the password/);
    }
    assert.equal(first.network.insertCount, inserts);
    assert.deepEqual(first.library.list(), entries);
  });

  it('of what cannot be changed is refused before anything is asked', async () => {
    const first = await machine();
    const path = file(first, 'first');
    const fixed = (await first.publish(path, { class: 'fixed' })).link!;
    const deleteOnly = (await first.publish(path, { class: 'delete-only', password: PASSWORD })).link!;
    const [requests, inserts] = [first.network.requestCount, first.network.insertCount];
    const permanent = withCode('refused', 'permanent means permanent');
    await assert.rejects(first.update(fixed, PASSWORD, path), permanent);
    await assert.rejects(first.delete(fixed, PASSWORD), permanent);
    await assert.rejects(first.changePassword(fixed, PASSWORD, OTHER), permanent);
    await assert.rejects(first.update(deleteOnly, PASSWORD, path), withCode('refused', 'deleted but never changed'));
    await assert.rejects(first.changePassword(deleteOnly, PASSWORD, OTHER), withCode('refused'));
    await assert.rejects(first.update('broadside:nonsense', PASSWORD, path), withCode('bad-link'));
    assert.deepEqual([first.network.requestCount, first.network.insertCount], [requests, inserts]);
    const job = await first.delete(deleteOnly, PASSWORD);
    assert.equal(job.state, 'done', job.error?.message);
    assert.deepEqual([job.slotsWanted, job.slotsReplaced], [10, 10]);
    await assert.rejects(gather(first.deps, linkOf(deleteOnly)), withCode('deleted'));
  });

  it('sends only what changed, and finds what was moved', async () => {
    const first = await machine();
    const directory = join(first.directory, 'site');
    mkdirSync(join(directory, 'data'), { recursive: true });
    const put = (path: string, bytes: Uint8Array) => writeFileSync(join(directory, path), bytes);
    put('index.html', text('<title>Site</title>'));
    put('data/one.bin', pattern(400_000, 1));
    put('data/two.bin', pattern(500_000, 2));
    put('data/three.bin', pattern(600_000, 3));
    const before = await first.publish(directory, { password: PASSWORD });
    assert.equal(before.state, 'done');
    put('data/two.bin', pattern(500_000, 4));
    renameSync(join(directory, 'data/three.bin'), join(directory, 'drei.bin'));
    const [other, inserts] = [await machine({ network: first.network }), first.network.insertCount];
    const job = await other.update(before.link!, PASSWORD, directory);
    assert.equal(job.state, 'done', job.error?.message);
    assert.equal(job.filesKept, 3);
    assert.ok(job.blocksKept >= (1_000_000 / 32_752) * 1.5, `${job.blocksKept} kept`);
    assert.ok(job.blocksTotal + job.blocksKept >= before.blocksTotal - 1);
    // 16 pieces of the changed file, 8 check blocks; slots of two editions.
    assert.ok(job.blocksTotal <= 16 + 8, `${job.blocksTotal} sent`);
    assert.equal(first.network.insertCount - inserts, job.blocksTotal + 20);
    const back = readBack(first.crypto, first.network, job.newLink!);
    assert.deepEqual(back.files.get('data/two.bin'), pattern(500_000, 4));
    assert.deepEqual(back.files.get('drei.bin'), pattern(600_000, 3));
    assert.deepEqual(back.files.get('data/one.bin'), pattern(400_000, 1));
    // And once more, from an edition that has files with keys of their own.
    rmSync(join(directory, 'data/one.bin'));
    const third = await other.update(before.link!, PASSWORD, directory, { title: 'Another' });
    assert.equal(third.state, 'done', third.error?.message);
    assert.equal(third.blocksTotal, 0);
    assert.equal(readBack(first.crypto, first.network, third.newLink!).manifest.title, 'Another');
    assert.deepEqual(readBack(first.crypto, first.network, third.newLink!).files.get('drei.bin'), pattern(600_000, 3));
  });

  it('that changes nothing makes no edition', async () => {
    const first = await machine();
    const path = file(first, 'first');
    const link = (await first.publish(path, { password: PASSWORD, title: 'Mine' })).link!;
    const inserts = first.network.insertCount;
    const job = await first.update(link, PASSWORD, path);
    assert.equal(job.state, 'done', job.error?.message);
    assert.deepEqual([job.outcome, job.newLink, job.edition], ['unchanged', link, 1]);
    assert.equal(first.network.insertCount, inserts);
    const titled = await first.update(link, PASSWORD, path, { title: 'Yours' });
    assert.deepEqual([titled.outcome, titled.edition], ['published', 2]);
  });

  it('goes on from the newest edition, though all hosts but one show its author an old one', async () => {
    const first = await machine();
    const link = await published(first);
    const old = new Map(first.network.records);
    const second = (await first.update(link, PASSWORD, file(first, 'second'))).newLink!;
    const [honest] = slotPlaces(first.crypto, linkOf(link))!;
    const other = await machine({ network: first.network });
    first.network.options.answer = ({ address }) =>
      toHex(address) === toHex(honest!.address) ? undefined : old.get(toHex(address));
    const job = await other.update(link, PASSWORD, file(other, 'third'));
    first.network.options.answer = () => undefined;
    // It leads on what was led on before, because the hosts deny it; nothing is lost by that.
    assert.deepEqual([job.state, job.edition], ['done', 3], job.error?.message);
    for (const each of [link, second]) assert.deepEqual(slotsOf(first, each), all(job.newLink!));
  });

  it('goes on from an edition of which nobody has a slot any more, and leads its link on', async () => {
    const first = await machine();
    const link = await published(first);
    const second = (await first.update(link, PASSWORD, file(first, 'second'))).newLink!;
    for (const { address } of slotPlaces(first.crypto, linkOf(second))!) first.network.lose(address);
    await assert.rejects(gather(first.deps, linkOf(link)), withCode('not-found'));
    const other = await machine({ network: first.network });
    const job = await other.update(link, PASSWORD, file(other, 'third'));
    assert.deepEqual([job.state, job.edition], ['done', 3], job.error?.message);
    for (const each of [link, second]) {
      assert.deepEqual(slotsOf(first, each), all(job.newLink!));
      assert.equal(await read(first, each), 'third');
    }
    // With the lost edition alone nothing can be found.
    for (const { address } of slotPlaces(first.crypto, linkOf(job.newLink!))!) first.network.lose(address);
    const lost = await other.update(job.newLink!, PASSWORD, file(other, 'fourth'));
    assert.deepEqual([lost.state, lost.error?.code], ['failed', 'not-found']);
  });

  it('whose newest edition cannot be read now for want of a way is put off', async () => {
    const first = await machine();
    const link = await published(first);
    const inserts = first.network.insertCount;
    first.network.options.refuseRequest = () => 'no-route';
    const job = await first.update(link, PASSWORD, file(first, 'second'));
    assert.deepEqual([job.state, job.error?.code], ['failed', 'no-route']);
    assert.equal(first.network.insertCount, inserts);
  });

  it('tells its stages, shares and what it saves as it goes', async () => {
    const first = await machine();
    const content = pattern(200_000);
    const link = await published(first, content);
    const directory = join(first.directory, 'grown');
    mkdirSync(directory);
    writeFileSync(join(directory, 'page.txt'), content);
    writeFileSync(join(directory, 'more.bin'), pattern(300_000, 2));
    const from = first.events.length;
    const job = await first.update(link, PASSWORD, directory);
    assert.equal(job.state, 'done', job.error?.message);
    const told = first.events.slice(from).filter((event) => event.kind === 'update');
    const stages = [...new Set(told.map(({ stage }) => stage))];
    const order = ['looking', 'comparing', 'sending', 'shares', 'fetching-back', 'replacing', 'done'];
    assert.deepEqual(
      stages,
      order.filter((stage) => stages.includes(stage as never)),
    );
    assert.ok(stages.includes('looking') && stages.includes('done'));
    assert.deepEqual([job.fileCount, job.filesKept, job.sizeBytes, job.sealedBytes], [2, 1, 500_000, 500_000]);
    assert.equal(job.blocksSent, job.blocksTotal);
    assert.ok(job.shares.every(({ state }) => state === 'found'));
    assert.ok(job.fetchedBack.every(({ state }) => state === 'found'));
    assert.ok(job.seconds !== undefined && job.secondsLeft === undefined);
  });

  it('takes staged files, and keeps them when it fails', async () => {
    const first = await machine();
    const link = await published(first);
    const staging = await first.staging.create();
    await first.staging.receive(staging, 'page.txt', Readable.from([text('second')]));
    const source = { kind: 'staged', staging } as const;
    const run = async (password: string) => first.jobs.settled(first.reviser.startUpdate({ link, password, source }));
    assert.equal((await run(OTHER)).error?.code, 'refused');
    assert.equal(first.staging.root(staging).name, 'page.txt');
    assert.equal((await run(PASSWORD)).state, 'done');
    assert.throws(() => first.staging.root(staging), withCode('not-found'));
    assert.equal(await read(first, link), 'second');
  });

  it('is what the library of the machine has then', async () => {
    const first = await machine();
    const link = await published(first);
    const job = await first.update(link, PASSWORD, file(first, 'second'));
    const [entry, ...others] = first.library.list();
    assert.deepEqual(others, []);
    assert.deepEqual([entry!.link, entry!.edition, entry!.origin], [job.newLink, 2, 'published']);
    assert.equal(entry!.health?.retrievable, true);
    await first.delete(job.newLink!, PASSWORD);
    assert.ok(first.library.list()[0]!.deletedMs !== undefined);
    // A machine that only has the old link learns of it when it looks.
    const other = await machine({ network: first.network });
    await other.library.put({ ...entry!, origin: 'opened', link });
    const check = startCheck(
      other.deps,
      other.jobs,
      link,
      () => undefined,
      (canonical) => other.library.setDeleted(canonical, 7),
    );
    assert.equal((await other.jobs.settled(check)).error?.code, 'deleted');
    assert.equal(other.library.list()[0]!.deletedMs, 7);
  });
});

describe('an update that was interrupted', () => {
  /** Cancels the update when so many slots of it were stored; the addresses of these. */
  async function interrupted(
    first: TestPublisher,
    link: string,
    content: string,
    slots: number,
  ): Promise<readonly Uint8Array[]> {
    const before = new Map(first.network.records);
    const id = first.reviser.startUpdate({
      link,
      password: PASSWORD,
      source: { kind: 'path', path: file(first, content) },
    });
    stopAfter(first.network, slots, () => first.jobs.cancel(id), 'cancelled');
    const job = await first.jobs.settled(id);
    first.network.options.refuseInsert = () => undefined;
    assert.equal(job.state, 'cancelled');
    const stored = [...first.network.records].filter(([address, record]) => before.get(address) !== record);
    return stored.map(([address]) => fromHex(address)!);
  }

  function countersAt(on: TestPublisher, addresses: readonly Uint8Array[]): number[] {
    return addresses.map((address) => {
      const decoded = decodeRecord(on.network.records.get(toHex(address))!);
      assert.ok(decoded.ok && decoded.value.kind === KIND_SLOT);
      return decoded.value.version.counter;
    });
  }

  for (const [slots, what] of [
    [0, 'before its first share'],
    [2, 'with too few shares to be read'],
    [5, 'with enough shares to be read'],
    [10, 'before old slots lead to it'],
    [13, 'when some old slots lead to it'],
    [24, 'when some slots of the first edition do not'],
  ] as const) {
    it(`${what} is finished from another machine`, async () => {
      const first = await machine();
      const link = await published(first);
      const second = (await first.update(link, PASSWORD, file(first, 'second'))).newLink!;
      const begun = await interrupted(first, second, 'third', slots);
      assert.equal(begun.length, slots);
      // Whoever reads meanwhile gets one edition or the other, whole.
      assert.match(await read(first, link), /second|third/);
      const other = await machine({ network: first.network });
      const job = await other.update(link, PASSWORD, file(other, 'third'));
      assert.equal(job.state, 'done', job.error?.message);
      assert.equal(job.edition, 3);
      assert.equal(job.outcome, slots >= 3 ? 'resumed' : 'published');
      assert.ok(job.slotsReplaced === job.slotsWanted && job.slotsWanted >= 20);
      assert.deepEqual(slotsOf(first, link), all(job.newLink!));
      assert.deepEqual(slotsOf(first, second), all(job.newLink!));
      assert.equal(await read(first, link), 'third');
      // Editions after it still find everything; not even what was begun and left is forgotten.
      const known = [link, second, job.newLink!];
      for (const edition of [4, 5]) {
        const next = await other.update(second, PASSWORD, file(other, `edition ${edition}`));
        assert.equal(next.edition, edition);
        for (const each of known) assert.deepEqual(slotsOf(first, each), all(next.newLink!));
        const expected = slots === 0 ? [] : [movedCounter(edition, 0)];
        assert.deepEqual(new Set(countersAt(first, begun)), new Set(expected));
        known.push(next.newLink!);
      }
    });

    if (slots === 0 || slots === 10) continue;
    it(`${what} is superseded by another content`, async () => {
      const first = await machine();
      const link = await published(first);
      const second = (await first.update(link, PASSWORD, file(first, 'second'))).newLink!;
      await interrupted(first, second, 'third', slots);
      const other = await machine({ network: first.network });
      const job = await other.update(second, PASSWORD, file(other, 'another'));
      assert.equal(job.state, 'done', job.error?.message);
      assert.deepEqual(slotsOf(first, link), all(job.newLink!));
      assert.deepEqual(slotsOf(first, second), all(job.newLink!));
      assert.equal(await read(first, link), 'another');
    });
  }

  it('by nodes that refuse is a failure that is said, and goes on later', async () => {
    const first = await machine();
    const link = await published(first);
    stopAfter(first.network, 10, () => undefined, 'busy');
    const job = await first.update(link, PASSWORD, file(first, 'second'));
    first.network.options.refuseInsert = () => undefined;
    assert.deepEqual([job.state, job.error?.code], ['failed', 'busy']);
    assert.ok(job.newLink !== undefined);
    assert.equal(await read(first, link), 'first');
    const again = await first.update(job.newLink, PASSWORD, file(first, 'second'));
    assert.deepEqual([again.state, again.outcome, again.newLink], ['done', 'resumed', job.newLink]);
    assert.equal(await read(first, link), 'second');
  });
});

describe('two updates at once', () => {
  it('leave one edition that counts, and tell the other', async () => {
    let losers = 0;
    for (let round = 0; round < 6; round += 1) {
      const first = await machine();
      const link = await published(first);
      const [one, two] = [await machine({ network: first.network }), await machine({ network: first.network })];
      const jobs = await Promise.all([
        one.update(link, PASSWORD, file(one, 'by one')),
        two.update(link, PASSWORD, file(two, 'by two')),
      ]);
      const winners = jobs.filter((job) => job.state === 'done');
      for (const job of jobs) if (job.state !== 'done') assert.equal(job.error?.code, 'busy', job.error?.message);
      losers += jobs.length - winners.length;
      assert.ok(winners.length >= 1);
      const shown = await read(first, link);
      const last = winners.find((job) => slotsOf(first, link)[0] === job.newLink);
      assert.ok(last, 'the winner is one of those who were told so');
      assert.deepEqual(slotsOf(first, link), all(last.newLink!), 'no mixture');
      assert.equal(shown, last === jobs[0] ? 'by one' : 'by two');
    }
    assert.ok(losers >= 1, 'no two ever met');
  });
});

describe('a deletion', () => {
  it('is said by every link, from any machine, and nothing follows it', async () => {
    const first = await machine();
    const link = await published(first);
    const second = (await first.update(link, PASSWORD, file(first, 'second'))).newLink!;
    const other = await machine({ network: first.network });
    const job = await other.delete(link, PASSWORD);
    assert.equal(job.state, 'done', job.error?.message);
    assert.deepEqual([job.slotsWanted, job.slotsReplaced], [20, 20]);
    assert.equal(job.shares.filter(({ state }) => state === 'found').length, 10);
    for (const each of [link, second]) {
      assert.deepEqual(slotsOf(first, each), all('deleted'));
      await assert.rejects(gather(first.deps, linkOf(each)), withCode('deleted', 'publisher'));
    }
    const update = await other.update(second, PASSWORD, file(other, 'third'));
    assert.deepEqual([update.state, update.error?.code], ['failed', 'deleted']);
    const again = await first.delete(second, PASSWORD);
    assert.deepEqual([again.state, again.slotsWanted, again.slotsReplaced], ['done', 20, 20]);
  });

  for (const slots of [1, 10, 25]) {
    it(`that was interrupted after ${slots} slots is finished from another machine, by any link`, async () => {
      for (const by of [0, 1, 2]) {
        const first = await machine();
        const links = [await published(first)];
        for (const content of ['second', 'third'])
          links.push((await first.update(links[0]!, PASSWORD, file(first, content))).newLink!);
        const id = first.reviser.startDelete({ link: links[1]!, password: PASSWORD });
        stopAfter(first.network, slots, () => first.jobs.cancel(id), 'cancelled');
        assert.equal((await first.jobs.settled(id)).state, 'cancelled');
        first.network.options.refuseInsert = () => undefined;
        // Half deleted is deleted to who looks: no update revives it.
        const other = await machine({ network: first.network });
        const update = await other.update(links[by]!, PASSWORD, file(other, 'fourth'));
        assert.equal(update.error?.code, 'deleted');
        const job = await other.delete(links[by]!, PASSWORD);
        assert.equal(job.state, 'done', job.error?.message);
        for (const link of links) assert.deepEqual(slotsOf(first, link), all('deleted'));
      }
    });
  }

  it('wins over an update that is made at the same time', async () => {
    const first = await machine();
    const link = await published(first);
    const [one, two] = [await machine({ network: first.network }), await machine({ network: first.network })];
    const [update, deletion] = await Promise.all([
      one.update(link, PASSWORD, file(one, 'second')),
      two.delete(link, PASSWORD),
    ]);
    assert.equal(deletion.state, 'done', deletion.error?.message);
    if (update.state === 'failed') assert.equal(update.error?.code, 'deleted');
    await assert.rejects(gather(first.deps, linkOf(link)), withCode('deleted'));
  });
});

describe('a change of the password', () => {
  it('hands over to another document key, and the new one changes all editions', async () => {
    const first = await machine();
    const links = [await published(first, pattern(100_000))];
    links.push((await first.update(links[0]!, PASSWORD, file(first, pattern(200_000, 2)))).newLink!);
    const inserts = first.network.insertCount;
    const job = await first.changePassword(links[0]!, PASSWORD, OTHER);
    assert.equal(job.state, 'done', job.error?.message);
    assert.deepEqual([job.edition, job.outcome, job.blocksTotal], [3, 'published', 0]);
    assert.equal(first.network.insertCount - inserts, 30);
    links.push(job.newLink!);
    assert.notDeepEqual(linkOf(links[2]!).documentKey, linkOf(links[0]!).documentKey);
    assert.deepEqual(readBack(first.crypto, first.network, links[2]!).files.get('page.txt'), pattern(200_000, 2));
    const other = await machine({ network: first.network });
    const refused = await other.update(links[0]!, PASSWORD, file(other, 'never'));
    assert.equal(refused.error?.code, 'refused');
    assert.match(refused.error!.message, /was changed/);
    const updated = await other.update(links[1]!, OTHER, file(other, 'fourth'));
    assert.equal(updated.state, 'done', updated.error?.message);
    assert.deepEqual([updated.edition, updated.slotsWanted, updated.slotsReplaced], [4, 30, 30]);
    for (const link of links) assert.deepEqual(slotsOf(first, link), all(updated.newLink!));
    // Twice, so that the oldest seed is handed on.
    const third = 'magnet drizzle copper lantern puzzle saddle tornado insect';
    const again = await other.changePassword(links[0]!, OTHER, third);
    assert.equal(again.state, 'done', again.error?.message);
    links.push(updated.newLink!, again.newLink!);
    const deletion = await first.delete(links[0]!, third);
    assert.deepEqual([deletion.state, deletion.slotsReplaced], ['done', 50]);
    for (const link of links) assert.deepEqual(slotsOf(first, link), all('deleted'));
  });

  it('that was interrupted is finished with both passwords', async () => {
    for (const slots of [4, 12]) {
      const first = await machine();
      const link = await published(first);
      const second = (await first.update(link, PASSWORD, file(first, 'second'))).newLink!;
      const id = await first.reviser.startPasswordChange({ link, password: PASSWORD, newPassword: OTHER });
      stopAfter(first.network, slots, () => first.jobs.cancel(id), 'cancelled');
      assert.equal((await first.jobs.settled(id)).state, 'cancelled');
      first.network.options.refuseInsert = () => undefined;
      assert.equal(await read(first, link), 'second');
      const other = await machine({ network: first.network });
      const job = await other.changePassword(link, PASSWORD, OTHER);
      assert.equal(job.state, 'done', job.error?.message);
      assert.equal(job.outcome, slots > 10 ? 'resumed' : 'published');
      for (const each of [link, second]) assert.deepEqual(slotsOf(first, each), all(job.newLink!));
      assert.equal((await other.update(link, OTHER, file(other, 'third'))).state, 'done');
      assert.equal(await read(first, second), 'third');
    }
  });

  it('to a weak one, or to the same, is refused', async () => {
    const first = await machine();
    const link = await published(first);
    await assert.rejects(first.changePassword(link, PASSWORD, 'password'), withCode('weak-password'));
    await assert.rejects(first.changePassword(link, PASSWORD, PASSWORD), withCode('usage'));
  });

  it('makes one where none is given, shown until it is acknowledged', async () => {
    const first = await machine();
    const link = await published(first);
    const id = await first.reviser.startPasswordChange({ link, password: PASSWORD });
    const job = await first.jobs.settled(id);
    assert.ok(job.kind === 'update' && job.password !== undefined && job.password.split(' ').length === 8);
    first.publisher.forgetPassword(id);
    const after = first.jobs.get(id);
    assert.ok(after.kind === 'update' && after.password === undefined);
    assert.equal((await first.update(link, job.password, file(first, 'x'))).state, 'done');
  });
});
