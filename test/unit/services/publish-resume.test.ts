/** A publication whose sending was interrupted, and the next run of the node. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as v from 'valibot';
import { bytesEqual, fromHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { JobSchema } from '../../../shared/ipc/model.ts';
import type { PublishJob } from '../../../shared/ipc/model.ts';
import type { PublishRequest } from '../../../shared/ipc/contract.ts';
import { fileKey, openPiece, pieceCount } from '../../../src-main/core/publish/piece.ts';
import { KIND_CONTENT } from '../../../src-main/core/wire/record.ts';
import { readPublishJournal } from '../../../src-main/services/publish/journal.ts';
import { GRACE_MS } from '../../../src-main/services/flow/outdated.ts';
import { MAX_UNFINISHED, MAX_UNFINISHED_AGE_MS } from '../../../src-main/services/publish/unfinished.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { Interruption, interruptedJobs, MAX_AGAIN } from '../../support/interruption.ts';
import type { MemoryBlockNetwork } from '../../support/memory-block-network.ts';
import { JOURNAL_KEY, readBack } from '../../support/publishing.ts';
import type { TestPublisher } from '../../support/publishing.ts';
import { pattern } from '../read/world.ts';

const crypto = createSodiumCrypto();
let interruption: Interruption;
let directory = '';
let publishing = '';
let network: MemoryBlockNetwork;

beforeEach(async () => {
  interruption = await Interruption.create();
  ({ directory, publishing, network } = interruption);
});
afterEach(() => interruption.close());

const node = (): Promise<TestPublisher> => interruption.node();
const stall = (after: number): Promise<void> => interruption.stall(after);
const countInserts = (): (() => { sent: number; again: number }) => interruption.countInserts();

const REQUEST = { k: 3, n: 10, class: 'fixed' } as const satisfies Partial<PublishRequest>;

/** Publishes until so many blocks were handed over, and is killed. */
async function kill(path: string, after: number, change: Partial<PublishRequest> = {}): Promise<PublishJob> {
  const request = { source: { kind: 'path', path }, ...REQUEST, ...change } as const;
  return (await interruption.kill(after, (test) => test.publisher.start(request))) as PublishJob;
}

async function ended(test: TestPublisher, id: string): Promise<PublishJob> {
  const job = (await test.jobs.settled(id)) as PublishJob;
  assert.equal(job.state, 'done', job.error?.message);
  return job;
}

const interrupted = (test: TestPublisher): PublishJob[] => interruptedJobs(test, 'publish');

const SIZE = 12 * 1024 * 1024;

async function source(name = 'large.bin', bytes = pattern(SIZE)): Promise<{ path: string; bytes: Uint8Array }> {
  return { path: await interruption.file(name, bytes), bytes };
}

describe('a publication that was killed', () => {
  it('is listed as interrupted and goes on: what had arrived is not sent again, and the bytes are the same', async () => {
    const { path, bytes } = await source();
    await kill(path, 300);
    const test = await node();
    const [listed, ...others] = interrupted(test);
    assert.equal(others.length, 0);
    v.parse(JobSchema, listed);
    assert.equal(listed!.canResume, true);
    assert.equal(listed!.needsPassword, undefined);
    assert.ok(listed!.blocksSent > 300 - MAX_AGAIN && listed!.blocksSent <= 300, `${listed!.blocksSent} of 300`);

    const inserts = countInserts();
    const job = await ended(test, await test.publisher.resume(listed!.id, undefined));
    const { sent, again } = inserts();
    assert.equal(job.blocksResumed, listed!.blocksSent);
    assert.equal(sent, job.blocksTotal - listed!.blocksSent);
    assert.ok(again <= MAX_AGAIN, `${again} sent again`);
    assert.equal(job.blocksSent, job.blocksTotal);
    assert.ok(bytesEqual(readBack(crypto, network, job.link!).files.get('large.bin')!, bytes));
    assert.deepEqual(interrupted(test), []);
    assert.deepEqual(await readdir(publishing), []);
  });

  it('goes on by the same request, and by no other', async () => {
    const { path } = await source();
    await kill(path, 300);
    const test = await node();
    const other = await test.publish(path, { ...REQUEST, title: 'Another' });
    assert.equal(other.blocksResumed, undefined);
    assert.equal(interrupted(test).length, 1);
    const job = await test.publish(path, REQUEST);
    assert.ok(job.blocksResumed! > 300 - MAX_AGAIN);
    assert.equal(interrupted(test).length, 0);
  });

  it('is begun anew on request', async () => {
    const { path } = await source();
    await kill(path, 300);
    const test = await node();
    const inserts = countInserts();
    const job = await test.publish(path, { ...REQUEST, restart: true });
    assert.equal(job.blocksResumed, undefined);
    // Under another K there is no block twice.
    assert.deepEqual(inserts(), { sent: job.blocksTotal, again: 0 });
    assert.deepEqual(await readdir(publishing), []);
  });

  it('survives being killed again and again, and a journal that was cut off', async () => {
    const { path, bytes } = await source();
    await kill(path, 150);
    await kill(path, 150);
    const [name] = await readdir(publishing);
    const file = await open(join(publishing, name!), 'r+');
    await file.truncate((await file.stat()).size - 7);
    await file.close();
    const test = await node();
    const [listed] = interrupted(test);
    assert.ok(listed!.blocksSent > 200, `${listed!.blocksSent}`);
    const job = await ended(test, await test.publisher.resume(listed!.id, undefined));
    assert.ok(bytesEqual(readBack(crypto, network, job.link!).files.get('large.bin')!, bytes));
  });

  it('that seems a month old is kept for another week, and sends all of it again: the network may have dropped it', async () => {
    const { path, bytes } = await source();
    await kill(path, 300);
    const [name] = await readdir(publishing);
    const longAgo = (Date.now() - MAX_UNFINISHED_AGE_MS) / 1_000 - 60;
    await utimes(join(publishing, name!), longAgo, longAgo);
    const test = await node();
    const [listed] = interrupted(test);
    assert.ok(listed !== undefined, 'a clock that is a month ahead takes nothing');
    const inserts = countInserts();
    const job = await ended(test, await test.publisher.resume(listed.id, undefined));
    assert.equal(inserts().sent, job.blocksTotal);
    assert.ok(bytesEqual(readBack(crypto, network, job.link!).files.get('large.bin')!, bytes));
    assert.deepEqual(await readdir(publishing), []);
  });

  it('leaves when it still seems too old a week later', async () => {
    const { path } = await source();
    await kill(path, 300);
    const [name] = await readdir(publishing);
    const journal = join(publishing, name!);
    const longAgo = (Date.now() - MAX_UNFINISHED_AGE_MS - GRACE_MS) / 1_000 - 3_600;
    await utimes(journal, longAgo, longAgo);
    assert.equal(interrupted(await node()).length, 1);
    const mark = journal.replace(/\.journal$/, '.old');
    assert.ok(Number(await readFile(mark, 'utf8')) <= Date.now());
    assert.equal(interrupted(await node()).length, 1);
    await writeFile(mark, String(Date.now() - GRACE_MS - 1_000));
    assert.equal(interrupted(await node()).length, 0);
    assert.deepEqual(await readdir(publishing), []);
  });

  it('is kept for its owner only, and nobody else can read it', async () => {
    const { path } = await source('names-nobody-should-see.bin');
    await kill(path, 300);
    const [name] = await readdir(publishing);
    assert.equal((await stat(join(publishing, name!))).mode & 0o077, 0);
    assert.equal((await readFile(join(publishing, name!))).includes('names-nobody-should-see'), false);
  });
});

describe('a file that changed since', () => {
  it('is sent whole under another key, though its size and its time are what they were; others go on', async () => {
    const folder = join(directory, 'folder');
    await mkdir(folder);
    const [a, b] = [pattern(5_000_000, 1), pattern(5_000_000, 2)];
    await writeFile(join(folder, 'a.bin'), a);
    await writeFile(join(folder, 'b.bin'), b);
    // All of a, and some of b.
    await kill(folder, 300);
    const [name] = await readdir(publishing);
    const before = await readPublishJournal({ crypto, key: JOURNAL_KEY }, join(publishing, name!));
    const keyBefore = (path: string): Uint8Array => fileKey(crypto, fromHex(before!.plan.contentKey)!, path);
    const { atime, mtime } = await stat(join(folder, 'b.bin'));
    const changed = pattern(5_000_000, 3);
    await writeFile(join(folder, 'b.bin'), changed);
    await utimes(join(folder, 'b.bin'), atime, mtime);

    const test = await node();
    const inserts = countInserts();
    const insertsBefore = network.inserts.length;
    const job = await test.publish(folder, REQUEST);
    const { sent } = inserts();
    assert.ok(sent < job.blocksTotal - 200, `${sent} of ${job.blocksTotal} sent`);
    const { files, manifest } = readBack(crypto, network, job.link!);
    assert.ok(bytesEqual(files.get('a.bin')!, a) && bytesEqual(files.get('b.bin')!, changed));
    // Nonces follow from the place: a key that sealed one content in it must seal no other there.
    const [ofA, ofB] = manifest.files.map(({ content }) => (content.kind === 'blocks' ? content : assert.fail()));
    assert.ok(bytesEqual(ofA!.key!, keyBefore('a.bin')), 'a took its key along');
    assert.equal(ofB!.key, undefined);
    const calls = network.inserts.slice(insertsBefore).filter(({ record }) => record.kind === KIND_CONTENT);
    for (const { record } of calls) {
      const payload = record.kind === KIND_CONTENT ? record.payload : assert.fail();
      for (let piece = 0; piece < pieceCount(changed.length); piece += 1)
        assert.equal(openPiece(crypto, keyBefore('b.bin'), piece, changed.length, payload).ok, false);
    }
  });

  it('and one that came, or went, changes the manifest only', async () => {
    const folder = join(directory, 'folder');
    await mkdir(folder);
    await writeFile(join(folder, 'a.bin'), pattern(6_000_000, 1));
    await writeFile(join(folder, 'old.txt'), 'old');
    await kill(folder, 200);
    await rm(join(folder, 'old.txt'));
    await writeFile(join(folder, 'new.txt'), 'new');
    const test = await node();
    const inserts = countInserts();
    const job = await test.publish(folder, REQUEST);
    assert.ok(inserts().again <= MAX_AGAIN);
    assert.ok(job.blocksResumed! > 200 - MAX_AGAIN);
    assert.deepEqual([...readBack(crypto, network, job.link!).files.keys()], ['a.bin', 'new.txt']);
  });
});

describe('passwords', () => {
  it('that were generated are made anew: the first was never shown', async () => {
    const { path } = await source();
    const first = await kill(path, 300, { class: 'updatable' });
    const test = await node();
    const job = await ended(test, await test.publisher.resume(interrupted(test)[0]!.id, undefined));
    assert.ok(job.password !== undefined && job.password !== first.password);
    const changed = await source('changed.txt', pattern(100));
    const update = await test.update(job.link!, job.password, changed.path);
    assert.equal(update.state, 'done', update.error?.message);
  });

  it('that were given are not on disk, and are asked for again', async () => {
    const { path } = await source();
    const password = 'quartz-barley-lantern-osprey-twine-mosaic';
    await kill(path, 300, { class: 'updatable', password });
    const test = await node();
    const [listed] = interrupted(test);
    assert.equal(listed!.needsPassword, true);
    await assert.rejects(
      test.publisher.resume(listed!.id, undefined),
      (thrown) => thrown instanceof BroadsideError && thrown.code === 'usage',
    );
    assert.equal(interrupted(test).length, 1);
    const job = await ended(test, await test.publisher.resume(listed!.id, password));
    assert.equal(job.password, undefined);
    assert.ok(job.blocksResumed! > 0);
  });
});

describe('what becomes of a journal', () => {
  it('gone with a cancel, kept by a failure and by a node that stops, gone when dismissed', async () => {
    const { path } = await source();
    const stalled = stall(100);
    const test = await node();
    const id = await test.publisher.start({ source: { kind: 'path', path }, ...REQUEST });
    await stalled;
    test.jobs.cancel(id);
    assert.equal((await test.jobs.settled(id)).state, 'cancelled');
    assert.deepEqual(await readdir(publishing), []);

    let left = 150;
    delete network.options.delayInsert;
    network.options.refuseInsert = () => ((left -= 1) < 0 ? 'no-route' : undefined);
    const failed = await test.publish(path, REQUEST);
    assert.equal(failed.state, 'failed');
    assert.equal(failed.canResume, true);
    assert.equal((await readdir(publishing)).length, 1);
    delete network.options.refuseInsert;
    const again = stall(50);
    const resumed = await test.publisher.resume(failed.id, undefined);
    assert.throws(() => test.jobs.get(failed.id), 'the new job is in its place');
    await again;
    await test.jobs.close();
    assert.equal((await test.jobs.settled(resumed)).state, 'cancelled');
    assert.equal((await readdir(publishing)).length, 1);

    delete network.options.delayInsert;
    const next = await node();
    const [listed] = interrupted(next);
    assert.ok(listed!.blocksSent >= 150 - MAX_AGAIN);
    next.jobs.dismiss(listed!.id);
    while ((await readdir(publishing)).length > 0) await turn();
    assert.deepEqual(interrupted(next), []);
  });

  it('is made for what is large only, and as many are kept as allowed; rubbish leaves', async () => {
    const test = await node();
    const small = await source('small.bin', pattern(100_000));
    let seen: string[] = [];
    network.options.delayInsert = () => readdir(publishing).then((names) => void (seen = [...seen, ...names]));
    assert.equal((await test.publish(small.path, REQUEST)).state, 'done');
    assert.deepEqual(seen, []);
    delete network.options.delayInsert;

    const { path } = await source();
    await kill(path, 100);
    const [name] = await readdir(publishing);
    for (let count = 0; count < MAX_UNFINISHED + 2; count += 1)
      await copyFile(join(publishing, name!), join(publishing, `${String(count).padStart(16, '0')}.journal`));
    await writeFile(join(publishing, 'ffffffffffffffff.journal'), pattern(5_000));
    const next = await node();
    assert.ok(interrupted(next).length <= MAX_UNFINISHED && interrupted(next).length >= MAX_UNFINISHED - 1);
    assert.equal((await readdir(publishing)).length, interrupted(next).length);
  });
});
