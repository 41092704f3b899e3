/** An update whose sending was interrupted, and the next run of the node. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import * as v from 'valibot';
import { bytesEqual, fromHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { JobSchema } from '../../../shared/ipc/model.ts';
import type { UpdateJob } from '../../../shared/ipc/model.ts';
import { readPublishJournal } from '../../../src-main/services/publish/journal.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { Interruption, interruptedJobs, MAX_AGAIN } from '../../support/interruption.ts';
import { JOURNAL_KEY, readBack } from '../../support/publishing.ts';
import type { TestPublisher } from '../../support/publishing.ts';
import { pattern } from '../read/world.ts';

const PASSWORD = 'quartz-barley-lantern-osprey-twine-mosaic';
const crypto = createSodiumCrypto();
const SIZE = 8 * 1024 * 1024;
let interruption: Interruption;

beforeEach(async () => (interruption = await Interruption.create()));
afterEach(() => interruption.close());

interface Site {
  readonly link: string;
  readonly folder: string;
  /** As it is to be in edition 2. */
  readonly changed: Uint8Array;
}

/** Published with two files; then one of them changes. */
async function site(): Promise<Site> {
  const folder = join(interruption.directory, 'folder');
  await mkdir(folder);
  await writeFile(join(folder, 'large.bin'), pattern(SIZE, 1));
  await writeFile(join(folder, 'same.bin'), pattern(1_000_000, 2));
  const test = await interruption.node();
  const { link, error } = await test.publish(folder, { password: PASSWORD });
  assert.ok(link !== undefined, error?.message);
  const changed = pattern(SIZE, 3);
  await writeFile(join(folder, 'large.bin'), changed);
  return { link, folder, changed };
}

const start = (test: TestPublisher, { link, folder }: Site): string =>
  test.reviser.startUpdate({ link, password: PASSWORD, source: { kind: 'path', path: folder } });
const kill = (published: Site, after: number): Promise<unknown> =>
  interruption.kill(after, (test) => start(test, published));

async function ended(test: TestPublisher, id: string): Promise<UpdateJob> {
  const job = (await test.jobs.settled(id)) as UpdateJob;
  assert.equal(job.state, 'done', job.error?.message);
  return job;
}

function requireRead({ newLink }: UpdateJob, { changed }: Site, edition: number): void {
  const back = readBack(crypto, interruption.network, newLink!);
  assert.equal(back.edition, edition);
  assert.ok(bytesEqual(back.files.get('large.bin')!, changed));
}

describe('an update that was killed', () => {
  it('is listed, needs its password, and goes on: what had arrived is not sent again', async () => {
    const published = await site();
    await kill(published, 250);
    const test = await interruption.node();
    const [listed, ...others] = interruptedJobs(test, 'update');
    assert.equal(others.length, 0);
    v.parse(JobSchema, listed);
    assert.deepEqual([listed!.canResume, listed!.needsPassword, listed!.link], [true, true, published.link]);
    assert.ok(listed!.blocksSent > 250 - MAX_AGAIN && listed!.blocksSent <= 250, `${listed!.blocksSent} of 250`);
    assert.throws(
      () => test.reviser.resume(listed!.id, undefined),
      (thrown) => thrown instanceof BroadsideError && thrown.code === 'usage',
    );

    const inserts = interruption.countInserts();
    const job = await ended(test, test.reviser.resume(listed!.id, PASSWORD));
    const { sent, again } = inserts();
    assert.equal(job.blocksResumed, listed!.blocksSent);
    assert.equal(sent, job.blocksTotal - listed!.blocksSent);
    assert.ok(again <= MAX_AGAIN, `${again} sent again`);
    assert.deepEqual([job.edition, job.filesKept, job.slotsReplaced], [2, 1, 10]);
    requireRead(job, published, 2);
    assert.deepEqual(interruptedJobs(test, 'update'), []);
    assert.deepEqual(await readdir(interruption.publishing), []);
  });

  it('goes on by the same request; with another password nothing is sent, and it can still be gone on with', async () => {
    const published = await site();
    await kill(published, 250);
    const test = await interruption.node();
    const before = interruption.network.insertCount;
    const [listed] = interruptedJobs(test, 'update');
    const refused = (await test.jobs.settled(test.reviser.resume(listed!.id, `${PASSWORD}-not`))) as UpdateJob;
    assert.deepEqual([refused.state, refused.error?.code], ['failed', 'refused']);
    assert.equal(interruption.network.insertCount, before);
    assert.equal(refused.canResume, true);
    const job = await ended(test, start(test, published));
    assert.ok(job.blocksResumed! > 250 - MAX_AGAIN);
    requireRead(job, published, 2);
    assert.deepEqual(await readdir(interruption.publishing), []);
  });

  it('has another K where another edition came first: what was sent is used, and K never has two contents', async () => {
    const published = await site();
    await kill(published, 250);
    const [name] = await readdir(interruption.publishing);
    const path = join(interruption.publishing, name!);
    const begun = await readPublishJournal({ crypto, key: JOURNAL_KEY }, path);
    const note = await interruption.file('note.txt', 'from another machine');
    const elsewhere = await interruption.node();
    const between = await elsewhere.update(published.link, PASSWORD, note);
    assert.deepEqual([between.state, between.edition], ['done', 2]);

    // Stopped once more, so that its journal can be read.
    await kill(published, 20);
    const next = await readPublishJournal({ crypto, key: JOURNAL_KEY }, path);
    assert.notEqual(next!.plan.contentKey, begun!.plan.contentKey);
    assert.notEqual(next!.plan.base, begun!.plan.base);

    const test = await interruption.node();
    const inserts = interruption.countInserts();
    const job = await ended(test, start(test, published));
    assert.ok(inserts().again <= MAX_AGAIN);
    assert.ok(job.blocksResumed! > 250 - MAX_AGAIN, `${job.blocksResumed} kept`);
    requireRead(job, published, 3);
    const large = readBack(crypto, interruption.network, job.newLink!).manifest.files.find(
      (file) => file.path === 'large.bin',
    );
    assert.ok(large?.content.kind === 'blocks' && large.content.key !== undefined, 'it took its first key along');
    assert.ok(!bytesEqual(large.content.key, fromHex(begun!.plan.contentKey)!));
  });

  it('keeps its journal until all that was before leads to it, and loses it to a deletion', async () => {
    const published = await site();
    // All blocks and shares of edition 2 are there; killed while the old slots are led to it.
    const blocks = (await (async () => {
      await kill(published, 250);
      const [listed] = interruptedJobs(await interruption.node(), 'update');
      return listed!.blocksTotal - listed!.blocksSent;
    })()) as number;
    await kill(published, blocks + 10 + 3);
    assert.equal((await readdir(interruption.publishing)).length, 1);
    const test = await interruption.node();
    const inserts = interruption.countInserts();
    const [listed] = interruptedJobs(test, 'update');
    const job = await ended(test, test.reviser.resume(listed!.id, PASSWORD));
    assert.deepEqual(inserts(), { sent: 0, again: 0 });
    assert.deepEqual([job.outcome, job.slotsReplaced], ['resumed', 10]);
    assert.deepEqual(await readdir(interruption.publishing), []);

    const again = { ...published, changed: pattern(SIZE, 4) };
    await writeFile(join(published.folder, 'large.bin'), again.changed);
    await kill(again, 100);
    const last = await interruption.node();
    assert.equal((await last.delete(published.link, PASSWORD)).state, 'done');
    const gone = (await last.jobs.settled(start(last, again))) as UpdateJob;
    assert.deepEqual([gone.state, gone.error?.code, gone.canResume], ['failed', 'deleted', undefined]);
    assert.deepEqual(await readdir(interruption.publishing), []);
  });

  it('leaves neither its password nor a name on the disk', async () => {
    const published = await site();
    await kill(published, 250);
    const [name] = await readdir(interruption.publishing);
    const bytes = await readFile(join(interruption.publishing, name!));
    const { plan } = (await readPublishJournal({ crypto, key: JOURNAL_KEY }, join(interruption.publishing, name!)))!;
    assert.equal(bytes.includes('large.bin'), false);
    assert.equal(JSON.stringify(plan).includes(PASSWORD), false);
  });
});
