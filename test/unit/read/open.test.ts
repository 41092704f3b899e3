import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { formatLink } from '../../../shared/base/links.ts';
import { LibraryEntrySchema, OpenJobSchema } from '../../../shared/ipc/model.ts';
import type { Job, LibraryEntry, OpenJob } from '../../../shared/ipc/model.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { JobRegistry } from '../../../src-main/services/jobs/job-registry.ts';
import { openPublication, startOpen } from '../../../src-main/services/read/open.ts';
import type { OpenDeps } from '../../../src-main/services/read/open.ts';
import { LABEL_LETTERS, MAX_OPEN, OpenRegistry } from '../../../src-main/services/read/open-registry.ts';
import { collect, supersede } from '../../support/publication-builder.ts';
import { createWorld, crypto, pattern, withCode } from './world.ts';

function createViewer(seed = 1) {
  const world = createWorld(seed);
  const recorded: LibraryEntry[] = [];
  const registry = new OpenRegistry(crypto, new Uint8Array(32).fill(9));
  const deps: OpenDeps = {
    ...world.deps,
    registry,
    contentUrl: (label) => `http://${label}.localhost:1/`,
    viewerUrl: (label) => `http://pdf-${label}.localhost:1/`,
    recordOpened: (entry) => {
      recorded.push(entry);
    },
  };
  const jobs: Job[] = [];
  let id = 0;
  const jobRegistry = new JobRegistry({
    clock: world.deps.clock,
    newId: () => `job-${(id += 1)}`,
    onJob: (job) => jobs.push(job),
    onGone: () => undefined,
  });
  return { world, registry, deps, recorded, jobs, jobRegistry };
}

const page = pattern(10 * PIECE_BYTES, 1);
const site = { 'index.html': page, 'a/b.txt': pattern(200, 2), 'large.bin': pattern(50 * PIECE_BYTES, 3) };

describe('opening', () => {
  it('is done when the first piece of the first page is there, and no more was fetched than it takes', async () => {
    const { world, deps, jobs, jobRegistry, recorded, registry } = createViewer();
    const built = world.publish({ files: site, shape: 'site', index: 'index.html', title: 'Minutes' });
    const ended = (await jobRegistry.settled(startOpen(deps, jobRegistry, built.text))) as OpenJob;
    assert.equal(ended.state, 'done');
    assert.equal(ended.stage, 'done');
    assert.equal(ended.title, 'Minutes');
    assert.ok(ended.bytesDone >= PIECE_BYTES);
    assert.equal(ended.bytesTotal, page.length);
    for (const job of jobs) v.parse(OpenJobSchema, job);
    assert.ok(world.network.requestCount <= 5 + 10, String(world.network.requestCount));
    const label = new URL(ended.contentUrl!).hostname.split('.')[0]!;
    assert.match(label, /^[a-z2-7]{52}$/);
    assert.equal(ended.viewerUrl, `http://pdf-${label}.localhost:1/`);
    const open = registry.resolve(label)!;
    assert.equal(open.publication.shape, 'site');
    assert.equal(open.publication.index, 'index.html');
    assert.match(open.publication.signer, /^[a-z2-7]{4} [a-z2-7]{4}$/);
    assert.equal(recorded.length, 1);
    v.parse(LibraryEntrySchema, recorded[0]);
    assert.equal(recorded[0]!.link, built.text);
    assert.equal(recorded[0]!.type, 'text/plain');
  });

  it('opens at the file of the link, and fails for one that is not there', async () => {
    const { world, deps } = createViewer();
    const built = world.publish({ files: site, shape: 'site', index: 'index.html' });
    const at = (path: string) => openPublication(deps, formatLink({ ...built.link, path }));
    assert.equal((await at('a/b.txt')).first!.path, 'a/b.txt');
    assert.equal((await at('a')).first, undefined);
    await assert.rejects(at('a/c.txt'), withCode('not-found', 'a/c.txt'));
  });

  it('of a directory shows its list, without fetching a file', async () => {
    const { world, deps } = createViewer();
    const built = world.publish({ files: { 'x.txt': pattern(10), 'y.txt': pattern(10) } });
    const { first } = await openPublication(deps, built.text);
    assert.equal(first, undefined);
    assert.ok(world.network.requests.every((request) => request.kind === 'slot'));
  });

  it('shows nothing when the first piece cannot be had or verified', async () => {
    const { world, deps, registry, recorded } = createViewer();
    const built = world.publish({ files: { 'x.txt': pattern(10) } });
    world.loseBlocks(built, 0, 8);
    await assert.rejects(openPublication(deps, built.text), withCode('not-found', 'x.txt'));
    const wrong = world.publish({ files: { 'x.txt': pattern(10) }, wrongDigest: 'x.txt' });
    await assert.rejects(openPublication(deps, wrong.text), withCode('damaged'));
    assert.equal(registry.size, 0);
    assert.equal(recorded.length, 0);
  });

  it('is not kept from anybody by a library that fails', async () => {
    const { world, deps } = createViewer();
    const built = world.publish({ files: { 'x.txt': pattern(10) } });
    const failing = { ...deps, recordOpened: () => Promise.reject(new Error('full')) };
    assert.equal((await openPublication(failing, built.text)).publication.title, 'A test');
  });

  it('of an old link shows the new edition, in an origin of its own, under the link as it was given', async () => {
    const { world, deps, registry, recorded } = createViewer();
    const authorSeed = world.deps.random.bytes(32);
    const old = world.publish({ files: { 'x.txt': pattern(10, 1) }, authorSeed });
    const before = await openPublication(deps, old.text);
    const fresh = world.publish({ files: { 'x.txt': pattern(10, 2) }, authorSeed, edition: 2 });
    for (const slot of supersede(crypto, world.deps.random, old, { kind: 'moved', link: fresh.link }))
      world.network.put(slot);
    const after = await openPublication(deps, old.text);
    assert.equal(after.publication.edition, 2);
    assert.equal(after.publication.link, old.text);
    assert.notEqual(after.open.label, before.open.label);
    assert.equal(after.open.label, registry.labelOf(fresh.link));
    assert.equal(recorded.at(-1)!.edition, 2);
    const reread = await collect(before.open.read(before.open.file('x.txt')!));
    assert.ok(bytesEqual(reread, pattern(10, 1)), 'what is open stays what it is');
  });

  it('is cancelled without a trace', async () => {
    const { world, deps, jobRegistry, registry } = createViewer();
    const built = world.publish({ files: { 'x.txt': pattern(10) } });
    world.network.options.delayRequest = () => new Promise(() => undefined);
    const id = startOpen(deps, jobRegistry, built.text);
    setImmediate(() => jobRegistry.cancel(id));
    assert.equal((await jobRegistry.settled(id)).state, 'cancelled');
    assert.equal(registry.size, 0);
  });
});

describe('the registry', () => {
  it('reads files and ranges by label', async () => {
    const { world, deps, registry } = createViewer();
    const built = world.publish({ files: site });
    const { open } = await openPublication(deps, built.text);
    const file = registry.resolve(open.label)!.file('large.bin')!;
    assert.ok(bytesEqual(await collect(open.read(file)), site['large.bin']));
    assert.ok(
      bytesEqual(
        await collect(open.read(file, { start: 100_000, end: 200_001 })),
        site['large.bin'].subarray(100_000, 200_001),
      ),
    );
    assert.equal(open.file('index.htm'), undefined);
    assert.equal(open.file('__proto__'), undefined);
    assert.equal(registry.resolve('a'.repeat(52)), undefined);
  });

  it('labels follow from the link and the secret, not from the path', () => {
    const { world } = createViewer();
    const { link } = world.publish({ files: { 'x.txt': pattern(1) } });
    const [a, b] = [new OpenRegistry(crypto, new Uint8Array(32)), new OpenRegistry(crypto, new Uint8Array(32).fill(1))];
    assert.equal(a.labelOf(link), a.labelOf({ ...link, path: 'x.txt' }));
    assert.notEqual(a.labelOf(link), b.labelOf(link));
    assert.equal(a.labelOf(link).length, LABEL_LETTERS);
  });

  it('keeps so many, and the least recently used leaves', async () => {
    const { world, deps, registry } = createViewer();
    const labels: string[] = [];
    for (let count = 0; count <= MAX_OPEN; count += 1) {
      const built = world.publish({ files: { 'x.txt': pattern(1, count) }, k: 1, n: 1, inlineBytes: 10 });
      labels.push((await openPublication(deps, built.text)).open.label);
      if (count === MAX_OPEN - 1) assert.ok(registry.resolve(labels[0]!));
    }
    assert.equal(registry.size, MAX_OPEN);
    assert.ok(registry.resolve(labels[0]!));
    assert.equal(registry.resolve(labels[1]!), undefined);
    registry.clear();
    assert.equal(registry.size, 0);
  });
});
