/** Publishing without metadata: readers get the stripped copy, originals stay, and what cannot be promised is not sent. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import exifr from 'exifr';
import * as v from 'valibot';
import { MetadataPageSchema } from '../../../shared/ipc/contract.ts';
import type { FileFindings } from '../../../shared/ipc/contract.ts';
import { MetadataCare } from '../../../src-main/services/metadata/metadata.ts';
import type { MetadataTools } from '../../../src-main/services/metadata/metadata.ts';
import { namesUser } from '../../../src-main/services/metadata/user-name.ts';
import { systemClock } from '../../../src-main/services/jobs/clock.ts';
import type { SurveyResult } from '../../../src-main/services/survey/survey.ts';
import * as files from '../../support/metadata-files.ts';
import { createTestPublisher, readBack } from '../../support/publishing.ts';
import type { TestPublisher } from '../../support/publishing.ts';

describe('publishing without metadata', () => {
  let test: TestPublisher;
  before(async () => {
    test = await createTestPublisher();
  });
  after(() => test.close());

  const place = async (name: string, contents: Readonly<Record<string, Uint8Array | string>>) => {
    const directory = join(test.directory, name);
    await mkdir(directory);
    for (const [path, bytes] of Object.entries(contents)) await writeFile(join(directory, path), bytes);
    return directory;
  };

  it('readers get the stripped copy, the original is as it was, and no copy is left', async () => {
    const path = await place('photographs', { 'pier.jpg': files.jpeg(), 'notes.txt': 'words' });
    const job = await test.publish(path, { strip: true });
    assert.equal(job.state, 'done', JSON.stringify(job.error));
    const read = readBack(test.crypto, test.network, job.link!);
    const published = read.files.get('pier.jpg')!;
    assert.equal(await exifr.gps(Buffer.from(published)), undefined);
    assert.ok(!Buffer.from(published).includes(files.SECRETS.author));
    assert.equal(job.sizeBytes, published.length + 5, 'the size is that of the copy');
    assert.deepEqual(new Uint8Array(await readFile(join(path, 'pier.jpg'))), files.jpeg());
    assert.deepEqual(await readdir(join(test.directory, 'staging')), []);
  });

  it('without being asked, publishes as it is', async () => {
    const path = await place('as-it-is', { 'pier.jpg': files.jpeg() });
    const job = await test.publish(path);
    assert.deepEqual(readBack(test.crypto, test.network, job.link!).files.get('pier.jpg'), files.jpeg());
  });

  it('what cannot be removed is refused with its name, with nothing sent, until it is accepted', async () => {
    const path = await place('mixed', { 'song.mp3': files.mp3(), 'pier.jpg': files.jpeg() });
    const sent = test.network.records.size;
    const refused = await test.publish(path, { strip: true });
    assert.deepEqual([refused.state, refused.error?.code], ['failed', 'refused']);
    assert.match(refused.error!.message, /song\.mp3 \(person\)/);
    assert.equal(test.network.records.size, sent);
    assert.deepEqual(await readdir(join(test.directory, 'staging')), []);
    const job = await test.publish(path, { strip: true, acceptRemaining: true });
    const read = readBack(test.crypto, test.network, job.link!);
    assert.deepEqual(read.files.get('song.mp3'), files.mp3());
    assert.equal(await exifr.gps(Buffer.from(read.files.get('pier.jpg')!)), undefined);
  });

  it('only the files that are named are stripped; a name that is not there is refused', async () => {
    const path = await place('two', { 'a.jpg': files.jpeg(), 'b.jpg': files.jpeg() });
    const job = await test.publish(path, { strip: ['a.jpg'] });
    const read = readBack(test.crypto, test.network, job.link!);
    assert.deepEqual(read.files.get('b.jpg'), files.jpeg());
    assert.notDeepEqual(read.files.get('a.jpg'), files.jpeg());
    assert.equal((await test.publish(path, { strip: ['c.jpg'] })).error?.code, 'usage');
  });

  it('an update is stripped likewise', async () => {
    const first = await place('first', { 'pier.jpg': files.plainJpeg() });
    const password = 'tarpaulin gannet eleven brine lantern mossy dune';
    const job = await test.publish(first, { password });
    const second = await place('second', { 'pier.jpg': files.jpeg() });
    const update = await test.update(job.link!, password, second, { strip: true });
    assert.equal(update.state, 'done', JSON.stringify(update.error));
    const read = readBack(test.crypto, test.network, update.newLink!);
    assert.equal(await exifr.gps(Buffer.from(read.files.get('pier.jpg')!)), undefined);
  });

  const file = { path: 'pier.jpg', absolutePath: '/nowhere/pier.jpg', sizeBytes: 10, type: 'image/jpeg' };
  const surveyed: SurveyResult = {
    title: 'Pier',
    shape: 'file',
    index: undefined,
    files: [file],
    sizeBytes: 10,
    refused: [],
  };
  const telling = {
    kind: 'jpeg',
    items: [{ what: 'location', value: '59, 10' }],
    more: 0,
    canStrip: true,
    leaves: [],
  } as const;
  const careWith = (tools: Partial<MetadataTools>, userName = '') =>
    new MetadataCare({
      clock: systemClock,
      tools: { look: async () => telling, strip: async () => ({ sizeBytes: 5 }), ...tools },
      sources: { survey: async () => surveyed },
      userName,
    });
  const code = (thrown: unknown) => (thrown as { code?: string }).code;
  const accepted = { strip: true, acceptRemaining: true } as const;
  const never = new AbortController().signal;

  it('a stripper that leaves what it said it removes is found out, whatever was accepted', async () => {
    const broken = careWith({}).stripped(surveyed, accepted, '/nowhere', never);
    await assert.rejects(broken, (thrown) => code(thrown) === 'refused' && /still there/.test(String(thrown)));
  });

  it('a stripper that fails stops the publication, whatever was accepted', async () => {
    const failing = careWith({ strip: () => Promise.reject(new Error('no')) });
    await assert.rejects(
      failing.stripped(surveyed, accepted, '/nowhere', never),
      (thrown) => code(thrown) === 'refused',
    );
  });

  it('many files are told part by part, and each part is as the contract says', async () => {
    const many = Array.from({ length: 450 }, (_, index) => ({ ...file, path: `${index}.jpg` }));
    const care = new MetadataCare({
      clock: systemClock,
      tools: { look: async () => telling, strip: () => Promise.reject(new Error('not asked')) },
      sources: { survey: async () => ({ ...surveyed, files: many }) },
      userName: '',
    });
    const found: FileFindings[] = [];
    for (let from = 0; ;) {
      const page = v.parse(MetadataPageSchema, await care.page({ kind: 'path', path: '/nowhere' }, from));
      assert.ok(page.findings.length <= 200 && page.looked > from);
      found.push(...page.findings);
      if (page.done) break;
      from = page.looked;
    }
    assert.deepEqual(
      found.map(({ path }) => path),
      many.map(({ path }) => path),
    );
  });

  it('the user of this machine is found in names of files, as a word of its own', async () => {
    assert.ok(namesUser('drafts/report-Ottoline.pdf', 'ottoline'));
    assert.ok(namesUser('ottoline/report.pdf', 'ottoline'));
    assert.ok(!namesUser('ottolines.pdf', 'ottoline'));
    assert.ok(!namesUser('user guide.pdf', 'user'));
    assert.ok(!namesUser('al.pdf', 'al'));
    const { findings } = await careWith({}, 'pier').page({ kind: 'path', path: '/nowhere' }, 0);
    assert.ok(findings[0]!.leaves.includes('file-name'));
  });
});
