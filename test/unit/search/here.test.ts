/** What is marked as here among the results: shared, loaded and still there, published, opened. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFileLink } from '../../../shared/base/file-links.ts';
import type { DownloadJob, Job } from '../../../shared/ipc/model.ts';
import type { Content } from '../../../src-main/core/search/collector.ts';
import { hereBy } from '../../../src-main/services/search/here.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const root = (number: number): Uint8Array => seededRandom(number).bytes(32);
const hit = (number: number): Content =>
  ({ found: { kind: 'direct', entry: { root: root(number) } } }) as unknown as Content;
const job = (number: number, change: Partial<DownloadJob> = {}): Job =>
  ({
    kind: 'download',
    state: 'done',
    path: `/loads/${number}`,
    link: formatFileLink({ root: root(number), name: `its own name for ${number}`, sizeBytes: 1 }),
    ...change,
  }) as Job;

test('a file is here when it is shared, or was loaded and is still where it was put', () => {
  const jobs = [
    job(1),
    job(2, { state: 'running' }),
    job(3, { state: 'failed' }),
    job(4),
    job(5, { kind: 'get' as never }),
  ];
  const isHere = hereBy({
    shares: { find: (wanted) => (Buffer.from(wanted).equals(root(9)) ? [{}] : []) },
    jobs: { list: () => jobs },
    library: { get: () => ({}) },
    isThere: (path) => path !== '/loads/4',
  });
  const numbers = [1, 2, 3, 4, 5, 6, 9];
  assert.deepEqual(
    numbers.filter((number) => isHere('broadside:file/whatever', hit(number))),
    [1, 9],
  );
});

test('a publication is here when it is in the library', () => {
  const isHere = hereBy({
    shares: { find: () => [] },
    jobs: { list: () => [] },
    library: { get: (origin, link) => (origin === 'published' && link === 'mine' ? {} : undefined) },
  });
  const publication = { found: { kind: 'anonymous' } } as Content;
  assert.deepEqual([isHere('mine', publication), isHere('another', publication)], [true, false]);
});
