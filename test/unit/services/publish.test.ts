import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as v from 'valibot';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { MIB } from '../../../shared/base/units.ts';
import { SurveySchema } from '../../../shared/ipc/contract.ts';
import { JobSchema } from '../../../shared/ipc/model.ts';
import type { PublishJob } from '../../../shared/ipc/model.ts';
import { deriveAuthorSeed, documentKeyPair } from '../../../src-main/core/publish/author.ts';
import { blockCount } from '../../../src-main/core/publish/block-list.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { parseLink } from '../../../shared/base/links.ts';
import { readSlot, slotPlaces } from '../../../src-main/core/publish/slot.ts';
import { CONTENT_RECORD_BYTES, KIND_SLOT, SLOT_RECORD_BYTES } from '../../../src-main/core/wire/record.ts';
import { createPasswordHash } from '../../../src-main/workers/sodium/password-hash.ts';
import { createTestPublisher, PRACTICE_BOUNDS, PRACTICE_COST, readBack } from '../../support/publishing.ts';
import type { TestPublisher, TestPublisherOptions } from '../../support/publishing.ts';

const open: TestPublisher[] = [];
async function setUp(options: TestPublisherOptions = {}): Promise<TestPublisher> {
  const publisher = await createTestPublisher(options);
  open.push(publisher);
  return publisher;
}
after(async () => {
  for (const publisher of open) await publisher.close();
});

const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;
const states = (job: PublishJob, field: 'shares' | 'fetchedBack' = 'shares') => job[field].map((share) => share.state);
const slotInserts = (test: TestPublisher) => test.network.inserts.filter((call) => call.record.kind === KIND_SLOT);

describe('publishing', () => {
  let test: TestPublisher;
  before(async () => {
    test = await setUp();
  });

  for (const [name, sizeBytes] of [
    ['0', 0],
    ['1', 1],
    ['piece-1', PIECE_BYTES - 1],
    ['piece', PIECE_BYTES],
    ['piece+1', PIECE_BYTES + 1],
    ['24 MiB', 24 * MIB],
  ] as const) {
    it(`a file of ${name} bytes can be read by its link, to the byte`, async () => {
      const path = join(test.directory, `file-${sizeBytes}.bin`);
      const content = randomBytes(sizeBytes);
      await writeFile(path, content);
      const before = test.network.records.size;
      const job = await test.publish(path);
      assert.equal(job.state, 'done', JSON.stringify(job.error));
      const read = readBack(test.crypto, test.network, job.link!);
      assert.ok(bytesEqual(read.files.get(`file-${sizeBytes}.bin`)!, content));
      assert.equal(read.manifest.shape, 'file');
      assert.equal(read.edition, 1);
      assert.equal(read.manifest.dateMs, undefined);
      assert.equal(job.blocksTotal, read.blocks, 'blocks are counted, lists included');
      assert.equal(job.blocksSent, read.blocks);
      assert.equal(test.network.records.size - before, read.blocks + 10);
      assert.equal(job.sealedBytes, sizeBytes);
      assert.deepEqual(
        states(job),
        Array.from({ length: 10 }, () => 'found'),
      );
      assert.deepEqual(
        states(job, 'fetchedBack'),
        Array.from({ length: 10 }, () => 'found'),
      );
      assert.ok(job.seconds! >= 0);
    });
  }

  it('what a survey says it takes is what it takes, check blocks included', async () => {
    for (const sizeBytes of [40_000, 3 * MIB, 7 * MIB]) {
      const path = join(test.directory, `surveyed-${sizeBytes}.bin`);
      await writeFile(path, randomBytes(sizeBytes));
      const survey = v.parse(SurveySchema, await test.publisher.survey({ kind: 'path', path }));
      const job = await test.publish(path);
      assert.equal(job.blocksTotal, blockCount(sizeBytes, 7));
      assert.equal(survey.networkBytes, job.blocksTotal * CONTENT_RECORD_BYTES + 10 * SLOT_RECORD_BYTES);
      const inSegments = survey.segments.reduce((sum, { data, check, count }) => sum + (data + check) * count, 0);
      assert.equal(inSegments, job.blocksTotal);
    }
    const path = join(test.directory, `surveyed-${7 * MIB}.bin`);
    const { segments } = await test.publisher.survey({ kind: 'path', path });
    assert.deepEqual(segments, [
      { data: 128, check: 64, count: 1 },
      { data: 97, check: 49, count: 1 },
      { data: 1, check: 7, count: 1 },
    ]);
  });

  it('a small file takes no block but its slots', async () => {
    const path = join(test.directory, 'small.txt');
    await writeFile(path, 'x'.repeat(30_000));
    const job = await test.publish(path);
    assert.equal(job.blocksTotal, 0);
  });

  it('a site with names of any script, links and pipes left out', async () => {
    const path = join(test.directory, 'site');
    await mkdir(join(path, 'картинки'), { recursive: true });
    const files: Record<string, Buffer> = {
      'index.html': Buffer.from('<title>Évidence 文書</title>'),
      'картинки/план 1.bin': randomBytes(70_000),
      'картинки/مستند.txt': Buffer.from('words'),
      'e\u0301.txt': Buffer.from('not composed'),
      empty: Buffer.alloc(0),
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
    await symlink('/etc/passwd', join(path, 'passwd'));
    execFileSync('mkfifo', [join(path, 'pipe')]);
    const survey = v.parse(SurveySchema, await test.publisher.survey({ kind: 'path', path }));
    assert.deepEqual(survey.refused.map((refusal) => refusal.path).toSorted(), ['passwd', 'pipe']);
    const job = await test.publish(path, { dated: true, description: 'Two\r\nlines\u0000', language: 'fr' });
    assert.equal(job.state, 'done', JSON.stringify(job.error));
    assert.equal(job.title, 'Évidence 文書');
    const { manifest, files: read } = readBack(test.crypto, test.network, job.link!);
    assert.deepEqual([...read.keys()].toSorted(), Object.keys(files).toSorted());
    for (const [name, content] of Object.entries(files)) assert.ok(bytesEqual(read.get(name)!, content), name);
    assert.equal(manifest.index, 'index.html');
    assert.equal(manifest.description, 'Two\nlines');
    assert.equal(manifest.language, 'fr');
    assert.ok(manifest.dateMs! > 0);
    const [entry] = test.library.list();
    assert.deepEqual(
      [entry!.link, entry!.title, entry!.shape, entry!.type, entry!.origin, entry!.health?.retrievable],
      [job.link, 'Évidence 文書', 'site', 'text/html', 'published', true],
    );
  });

  it('a manifest that does not fit in its slots goes as blocks', async () => {
    const path = join(test.directory, 'many');
    await mkdir(path);
    for (let index = 0; index < 600; index += 1)
      await writeFile(join(path, `a file with a rather long name, number ${index}.txt`), `content ${index}`);
    const job = await test.publish(path);
    assert.equal(job.state, 'done', JSON.stringify(job.error));
    const read = readBack(test.crypto, test.network, job.link!);
    assert.equal(read.files.size, 600);
    assert.equal(job.blocksTotal, read.blocks);
    assert.ok(read.blocks >= 2 + 7 && read.blocks <= 4 + 7, `${read.blocks} blocks: small files are packed`);
  });

  it('the passphrase has eight words, opens the document key, and is in no record, event or row after it is forgotten', async () => {
    const path = join(test.directory, 'secret.txt');
    await writeFile(path, 'content');
    const job = await test.publish(path);
    const password = job.password!;
    assert.equal(password.split(' ').length, 8);
    const parsed = parseLink(job.link!);
    assert.ok(parsed.ok);
    const place = slotPlaces(test.crypto, parsed.value)![0]!;
    const slot = readSlot(test.crypto, parsed.value, place, test.network.records.get(toHex(place.address))!);
    assert.ok(slot.ok && slot.value.payload.kdf);
    assert.deepEqual(slot.value.payload.kdf.cost, PRACTICE_COST);
    const seed = await deriveAuthorSeed(
      createPasswordHash(),
      password,
      slot.value.payload.kdf.salt,
      PRACTICE_COST,
      PRACTICE_BOUNDS,
    );
    assert.deepEqual(documentKeyPair(test.crypto, seed).publicKey, parsed.value.documentKey);
    for (const row of test.libraryStore.rows.values()) assert.ok(!row.value.includes(password));
    test.publisher.forgetPassword(job.id);
    assert.ok(!JSON.stringify(test.jobs.list()).includes(password));
    assert.ok(!JSON.stringify(test.events.at(-1)).includes(password));
  });

  it('classes: delete-only takes a password, fixed none and has no salt', async () => {
    const path = join(test.directory, 'class.txt');
    await writeFile(path, 'content');
    const kept = await test.publish(path, { class: 'delete-only' });
    assert.equal(parseLink(kept.link!).ok && (parseLink(kept.link!) as { value: { class: number } }).value.class, 2);
    assert.ok(kept.password);
    const fixed = await test.publish(path, { class: 'fixed' });
    assert.equal(fixed.password, undefined);
    const parsed = parseLink(fixed.link!);
    assert.ok(parsed.ok && parsed.value.class === 3);
    const place = slotPlaces(test.crypto, parsed.value)![0]!;
    const slot = readSlot(test.crypto, parsed.value, place, test.network.records.get(toHex(place.address))!);
    assert.ok(slot.ok && slot.value.payload.kdf === undefined);
    await assert.rejects(
      test.publish(path, { class: 'fixed', password: 'tarpaulin gannet eleven brine lantern mossy' }),
      withCode('usage'),
    );
  });

  it('k = n = 1 and 100 of 100', async () => {
    const path = join(test.directory, 'shares.txt');
    await writeFile(path, 'content');
    for (const [k, n] of [
      [1, 1],
      [100, 100],
      [1, 5],
    ] as const) {
      const job = await test.publish(path, { k, n });
      assert.equal(job.state, 'done', JSON.stringify(job.error));
      assert.equal(job.shares.length, n);
      assert.equal(
        Buffer.from(readBack(test.crypto, test.network, job.link!).files.get('shares.txt')!).toString(),
        'content',
      );
    }
  });

  it('refuses weak passwords and impossible requests before anything is sent', async () => {
    const path = join(test.directory, 'weak.txt');
    await writeFile(path, 'content');
    const before = test.network.insertCount;
    for (const password of [
      '',
      ' ',
      'password',
      'Tr0ub4dor&3',
      'correct horse battery staple',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    ]) {
      await assert.rejects(test.publish(path, { password }), withCode('weak-password'), password);
    }
    await assert.rejects(test.publish(path, { k: 4, n: 3 }), withCode('usage'));
    await assert.rejects(test.publish(path, { language: 'not a language' }), withCode('usage'));
    const own = await test.publish(path, { password: 'Gannet tarpaulin 7 brine lantern, moss' });
    assert.equal(own.state, 'done');
    assert.equal(own.password, undefined, 'an own password is not shown again');
    assert.equal(test.network.insertCount, before + 10);
  });

  it('names the file that is missing', async () => {
    const missing = await test.publish(join(test.directory, 'no such file'));
    assert.deepEqual([missing.state, missing.error?.code], ['failed', 'usage']);
    assert.match(missing.error!.message, /no such file/);
    assert.equal(missing.password, undefined, 'without a link there is no password');
  });

  it('publishes from the staging area and clears it', async () => {
    const id = await test.staging.create();
    await test.staging.receive(
      id,
      'Notes.md',
      (async function* () {
        yield new TextEncoder().encode('# Notes of the day');
      })(),
    );
    const started = await test.publisher.start({
      source: { kind: 'staged', staging: id },
      k: 2,
      n: 3,
      class: 'updatable',
    });
    await assert.rejects(
      test.publisher.start({ source: { kind: 'staged', staging: id }, k: 2, n: 3, class: 'updatable' }),
      withCode('busy'),
    );
    const job = (await test.jobs.settled(started)) as PublishJob;
    assert.equal(job.state, 'done', JSON.stringify(job.error));
    assert.equal(job.title, 'Notes of the day');
    assert.deepEqual([...readBack(test.crypto, test.network, job.link!).files.keys()], ['Notes.md']);
    assert.throws(() => test.staging.root(id), withCode('not-found'));
  });

  it('every event fits the contract and nothing in it runs backwards', async () => {
    const path = join(test.directory, 'progress.bin');
    await writeFile(path, randomBytes(2 * MIB));
    const before = test.events.length;
    const job = await test.publish(path);
    const events = test.events.slice(before).filter((event) => event.id === job.id) as PublishJob[];
    const stages = ['reading', 'sending', 'shares', 'fetching-back', 'done'];
    for (const [index, event] of events.entries()) {
      v.parse(JobSchema, event);
      const last = events[index - 1];
      if (last === undefined) continue;
      assert.ok(stages.indexOf(event.stage) >= stages.indexOf(last.stage), `${last.stage} then ${event.stage}`);
      for (const field of ['sealedBytes', 'blocksSent', 'blocksTotal', 'blocksRetried'] as const)
        assert.ok(event[field] >= last[field], field);
      assert.ok(event.blocksSent <= event.blocksTotal);
      if (last.link !== undefined) assert.equal(event.link, last.link);
      assert.ok(event.link === undefined || event.shares.every((share) => share.state === 'found'));
    }
    assert.ok(events.some((event) => event.stage === 'sending') && events.length > 5);
  });
});

describe('publishing into trouble', () => {
  it('n-k shares refused: a link all the same, and the job says how many are stored', async () => {
    const test = await setUp();
    const path = join(test.directory, 'a.txt');
    await writeFile(path, 'content');
    const refused = new Set<string>();
    test.network.options.refuseInsert = ({ record, address }) => {
      if (record.kind !== KIND_SLOT) return undefined;
      if (refused.size < 7) refused.add(toHex(address));
      return refused.has(toHex(address)) ? 'full' : undefined;
    };
    const job = await test.publish(path);
    assert.equal(job.state, 'done', JSON.stringify(job.error));
    assert.equal(states(job).filter((state) => state === 'found').length, 3);
    assert.equal(states(job).filter((state) => state === 'missing').length, 7);
    assert.equal(states(job, 'fetchedBack').filter((state) => state === 'found').length, 3);
    assert.equal(readBack(test.crypto, test.network, job.link!).files.size, 1);
    assert.equal(test.library.list()[0]!.health!.retrievable, true);
  });

  for (const [failure, code] of [
    ['full', 'no-space'],
    ['busy', 'busy'],
    ['timeout', 'busy'],
    ['no-route', 'no-route'],
  ] as const) {
    it(`n-k+1 shares refused with ${failure}: ${code}, no link, no row`, async () => {
      const test = await setUp();
      const path = join(test.directory, 'a.txt');
      await writeFile(path, 'content');
      const refused = new Set<string>();
      test.network.options.refuseInsert = ({ record, address }) => {
        if (record.kind !== KIND_SLOT) return undefined;
        if (refused.size < 8) refused.add(toHex(address));
        return refused.has(toHex(address)) ? failure : undefined;
      };
      const job = await test.publish(path);
      assert.deepEqual([job.state, job.error?.code, job.link, job.password], ['failed', code, undefined, undefined]);
      assert.match(job.error!.message, /2 were placed and 3 are needed/);
      assert.deepEqual(test.library.list(), []);
    });
  }

  it('offline is said as offline', async () => {
    const test = await setUp({ refuseInsert: () => 'no-route', neighbours: () => 0 });
    const path = join(test.directory, 'a.txt');
    await writeFile(path, 'content');
    assert.equal((await test.publish(path)).error?.code, 'offline');
  });

  it('blocks that are refused now and then are sent again and counted', async () => {
    const test = await setUp();
    const path = join(test.directory, 'a.bin');
    const content = randomBytes(3 * MIB);
    await writeFile(path, content);
    const seen = new Set<string>();
    test.network.options.refuseInsert = ({ address, sequence }) => {
      if (sequence % 5 !== 0 || seen.has(toHex(address))) return undefined;
      seen.add(toHex(address));
      return 'busy';
    };
    const job = await test.publish(path);
    assert.equal(job.state, 'done', JSON.stringify(job.error));
    assert.ok(job.blocksRetried > 10, String(job.blocksRetried));
    assert.ok(bytesEqual(readBack(test.crypto, test.network, job.link!).files.get('a.bin')!, content));
  });

  it('a block that nobody takes ends the job, and nothing of it goes on', async () => {
    const test = await setUp({ refuseInsert: ({ sequence }) => (sequence >= 20 ? 'full' : undefined) });
    const path = join(test.directory, 'a.bin');
    await writeFile(path, randomBytes(4 * MIB));
    const job = await test.publish(path);
    assert.deepEqual([job.state, job.error?.code, job.link], ['failed', 'no-space', undefined]);
    assert.equal(slotInserts(test).length, 0);
    const count = test.network.insertCount;
    assert.equal(test.network.inFlight, 0);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(test.network.insertCount, count);
  });

  it('shares that are lost after placing are told as missing, bad ones never as found', async () => {
    const test = await setUp();
    const path = join(test.directory, 'a.txt');
    await writeFile(path, 'content');
    let lost = 0;
    test.network.options.refuseRequest = ({ kind, skipOwn, address }) => {
      assert.equal(skipOwn, true);
      if (kind !== 'slot') return undefined;
      const place = test.network.inserts.findIndex((call) => bytesEqual(call.address, address));
      if (place > 1) return undefined;
      lost += 1;
      return 'not-found';
    };
    const job = await test.publish(path);
    assert.equal(job.state, 'done');
    assert.equal(states(job, 'fetchedBack').filter((state) => state === 'missing').length, 2);
    assert.equal(lost, 6, 'each asked for three times');
  });

  it('cancel stops at once, keeps no link and no password, and is not an error', async () => {
    const stuck = new Promise<void>(() => undefined);
    const test = await setUp({ delayInsert: ({ sequence }) => (sequence < 10 ? undefined : stuck) });
    const path = join(test.directory, 'a.bin');
    await writeFile(path, randomBytes(4 * MIB));
    const reached = new Promise<void>((resolve) => {
      const delay = test.network.options.delayInsert!;
      test.network.options.delayInsert = (call) => {
        if (call.sequence === 20) resolve();
        return delay(call);
      };
    });
    const id = await test.publisher.start({ source: { kind: 'path', path }, k: 3, n: 10, class: 'updatable' });
    await reached;
    const startedMs = performance.now();
    test.jobs.cancel(id);
    const job = (await test.jobs.settled(id)) as PublishJob;
    assert.ok(performance.now() - startedMs < 1_000);
    assert.deepEqual(
      [job.state, job.error?.code, job.link, job.password],
      ['cancelled', 'cancelled', undefined, undefined],
    );
    assert.equal(test.network.inFlight, 0);
    assert.deepEqual(test.library.list(), []);
  });

  it('cancel while it is fetched back leaves what is published published', async () => {
    const stuck = new Promise<void>(() => undefined);
    const test = await setUp({ delayRequest: () => stuck });
    const path = join(test.directory, 'a.txt');
    await writeFile(path, 'content');
    const id = await test.publisher.start({ source: { kind: 'path', path }, k: 3, n: 10, class: 'updatable' });
    while (test.network.requestCount < 10) await new Promise((resolve) => setImmediate(resolve));
    test.jobs.cancel(id);
    const job = (await test.jobs.settled(id)) as PublishJob;
    assert.equal(job.state, 'done');
    assert.equal(test.library.list()[0]!.link, job.link);
  });

  it('a library that cannot be written fails the job but does not lose the link', async () => {
    const test = await setUp();
    const path = join(test.directory, 'a.txt');
    await writeFile(path, 'content');
    test.libraryStore.failWith = new BroadsideError('no-space', 'The disk is full.');
    const job = await test.publish(path);
    assert.deepEqual([job.state, job.error?.code], ['failed', 'no-space']);
    assert.ok(job.link !== undefined && job.password !== undefined);
  });

  it('a file that changes while it is sealed ends the job', async () => {
    const test = await setUp();
    const path = join(test.directory, 'a.bin');
    await writeFile(path, randomBytes(8 * MIB));
    test.network.options.delayInsert = ({ sequence }) => (sequence === 3 ? truncate(path, 4 * MIB) : undefined);
    const job = await test.publish(path);
    assert.deepEqual([job.state, job.error?.code], ['failed', 'usage']);
    assert.match(job.error!.message, /changed while it was being published/);
  });

  it('a link put in the place of a surveyed file is not followed', async () => {
    const test = await setUp();
    const directory = join(test.directory, 'd');
    await mkdir(directory);
    await writeFile(join(directory, 'a.bin'), randomBytes(1 * MIB));
    await writeFile(join(directory, 'b.bin'), randomBytes(1 * MIB));
    test.network.options.delayInsert = ({ sequence }) =>
      sequence === 0
        ? rename(join(directory, 'b.bin'), join(test.directory, 'b.bin')).then(() =>
            symlink(join(test.directory, 'b.bin'), join(directory, 'b.bin')),
          )
        : undefined;
    const job = await test.publish(directory);
    assert.deepEqual([job.state, job.error?.code], ['failed', 'usage']);
    assert.match(job.error!.message, /b\.bin/);
  });
});
