/** A retrieval that was interrupted, in whatever way, and the next one to the same place. */
import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, mkdtemp, open, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { getPublication } from '../../../src-main/services/read/get.ts';
import type { GetDeps, GetProgress, GetRequest } from '../../../src-main/services/read/get.ts';
import { GRACE_MS } from '../../../src-main/services/flow/outdated.ts';
import { KEPT_SEGMENT_BYTES, MAX_PARTIAL_AGE_MS, MAX_PARTIALS } from '../../../src-main/services/read/partial.ts';
import { lockDataDirectory } from '../../../src-main/storage/files/data-lock.ts';
import type { BuiltPublication } from '../../support/publication-builder.ts';
import { createWorld, crypto, pattern, withCode } from './world.ts';
import type { World } from './world.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broadside-resume-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const SEGMENTS = 5;
const content = pattern(SEGMENTS * KEPT_SEGMENT_BYTES + 1_000);
const DATA_BLOCKS = SEGMENTS * 128 + 1;
const DAY_MS = 24 * 3_600_000;

function published(): { world: World; built: BuiltPublication; deps: GetDeps } {
  const world = createWorld();
  const built = world.publish({ files: { 'report.bin': content } });
  return { world, built, deps: { ...world.deps, lockDirectory: lockDataDirectory } };
}

/** Begins and is cancelled once so many bytes were written; what it left, and all that it said. */
async function interrupt(deps: GetDeps, request: GetRequest, afterBytes: number): Promise<GetProgress[]> {
  const abort = new AbortController();
  const seen: GetProgress[] = [];
  await assert.rejects(
    getPublication(deps, request, {
      signal: abort.signal,
      onProgress(progress) {
        seen.push(progress);
        if ((progress.bytesDone ?? 0) >= afterBytes) abort.abort();
      },
    }),
    withCode('cancelled'),
  );
  return seen;
}

const partialOf = async (): Promise<string> => {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.part'));
  assert.equal(names.length, 1, names.join(' '));
  return join(directory, names[0]!);
};

/** Content blocks that were asked for since; each counted as often as it was. */
function countBlocks(world: World): () => number {
  const before = world.network.requests.length;
  return () => world.network.requests.slice(before).filter(({ kind }) => kind === 'content').length;
}

async function resumed(deps: GetDeps, request: GetRequest): Promise<{ path: string; keptBytes: number }> {
  let keptBytes = 0;
  const { path } = await getPublication(deps, request, {
    onProgress: (progress) => (keptBytes = progress.bytesKept ?? keptBytes),
  });
  return { path, keptBytes };
}

describe('a get that was cancelled', () => {
  it('leaves what was verified under a hidden name, says how much, and the next one fetches the rest only', async () => {
    const { world, built, deps } = published();
    const request = { link: built.text, directory };
    const seen = await interrupt(deps, request, 3.5 * KEPT_SEGMENT_BYTES);
    assert.equal(seen.at(-1)!.bytesLeft, 3 * KEPT_SEGMENT_BYTES);
    const left = await partialOf();
    assert.equal((await stat(left)).mode & 0o077, 0, 'for its owner only');
    const blocks = countBlocks(world);
    const { path, keptBytes } = await resumed(deps, request);
    assert.equal(keptBytes, 3 * KEPT_SEGMENT_BYTES);
    const lists = 1;
    assert.equal(blocks(), DATA_BLOCKS - 3 * 128 + lists);
    assert.ok(bytesEqual(await readFile(path), content));
    assert.deepEqual(await readdir(directory), ['report.bin']);
  });

  it('leaves nothing where it is not worth it, or another run could not do better', async () => {
    const { world, built, deps } = published();
    const request = { link: built.text, directory };
    await interrupt(deps, request, 0.5 * KEPT_SEGMENT_BYTES);
    assert.deepEqual(await readdir(directory), []);
    const small = world.publish({ files: { 'small.bin': pattern(KEPT_SEGMENT_BYTES - 1) } });
    await interrupt(deps, { link: small.text, directory }, 1_000_000);
    assert.deepEqual(await readdir(directory), []);
    const damaged = world.publish({ files: { 'a.bin': content }, wrongPieces: { 'a.bin': 500 } });
    await assert.rejects(getPublication(deps, { link: damaged.text, directory }), withCode('damaged'));
    assert.deepEqual(await readdir(directory), []);
  });

  it('is begun anew on request, and by another edition', async () => {
    const { world, built, deps } = published();
    const request = { link: built.text, directory };
    await interrupt(deps, request, 3.5 * KEPT_SEGMENT_BYTES);
    const blocks = countBlocks(world);
    assert.equal((await resumed(deps, { ...request, restart: true })).keptBytes, 0);
    assert.equal(blocks(), DATA_BLOCKS + 1);
    await rm(join(directory, 'report.bin'));

    await interrupt(deps, request, 3.5 * KEPT_SEGMENT_BYTES);
    const journal = join(await partialOf(), 'journal');
    const text = await readFile(journal, 'utf8');
    await writeFile(journal, text.replace(/"edition":"[0-9a-f]{2}/u, '"edition":"00'));
    const { path, keptBytes } = await resumed(deps, request);
    assert.equal(keptBytes, 0);
    assert.ok(bytesEqual(await readFile(path), content));
  });

  it('is gone on with by its link and place only', async () => {
    const { built, deps } = published();
    await interrupt(deps, { link: built.text, directory, path: 'a.bin' }, 3.5 * KEPT_SEGMENT_BYTES);
    assert.equal((await resumed(deps, { link: built.text, directory, path: 'b.bin' })).keptBytes, 0);
    assert.equal(
      (await resumed(deps, { link: built.text, directory, path: 'a.bin' })).keptBytes,
      3 * KEPT_SEGMENT_BYTES,
    );
    assert.deepEqual((await readdir(directory)).sort(), ['a.bin', 'b.bin']);
  });

  it('keeps another one from the same place while it runs', async () => {
    const { world, built, deps } = published();
    const request = { link: built.text, directory };
    const going = Promise.withResolvers<void>();
    world.network.options.delayRequest = (call) => (call.kind === 'content' ? going.promise : undefined);
    const begun = Promise.withResolvers<void>();
    const first = getPublication(deps, request, {
      onProgress: ({ stage }) => void (stage === 'blocks' && begun.resolve()),
    });
    await begun.promise;
    // The place is taken as soon as the disk has made it.
    while ((await readdir(directory)).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(getPublication(deps, request), withCode('busy', 'same place'));
    going.resolve();
    assert.ok(bytesEqual(await readFile((await first).path), content));
  });
});

describe('a get that was killed', () => {
  /** What is on disk in the middle of it, as a kill leaves it: cut off anywhere, behind what is noted. */
  async function kill(deps: GetDeps, request: GetRequest, afterBytes: number): Promise<string> {
    const copy = join(directory, 'copy');
    let copying: Promise<void> | undefined;
    const abort = new AbortController();
    await assert.rejects(
      getPublication(deps, request, {
        signal: abort.signal,
        onProgress({ bytesDone = 0 }) {
          if (bytesDone < afterBytes || copying !== undefined) return;
          copying = partialOf()
            .then((path) => cp(path, copy, { recursive: true }))
            .then(() => abort.abort());
        },
      }),
      withCode('cancelled'),
    );
    await copying;
    const path = await partialOf();
    await rm(path, { recursive: true });
    await cp(copy, path, { recursive: true });
    await rm(copy, { recursive: true });
    return path;
  }

  it('is gone on with from what is noted', async () => {
    const { built, deps } = published();
    const request = { link: built.text, directory };
    const left = await kill(deps, request, 2.5 * KEPT_SEGMENT_BYTES);
    await appendFile(join(left, 'journal'), '["segment",0,9');
    const { path, keptBytes } = await resumed(deps, request);
    assert.ok(keptBytes >= KEPT_SEGMENT_BYTES, `${keptBytes} bytes`);
    assert.ok(bytesEqual(await readFile(path), content));
    assert.deepEqual(await readdir(directory), ['report.bin']);
  });

  it('believes nothing that is not there any more, or is not what it was', async () => {
    const { world, built, deps } = published();
    const request = { link: built.text, directory };
    await interrupt(deps, request, 4.5 * KEPT_SEGMENT_BYTES);
    const file = await open(join(await partialOf(), 'data'), 'r+');
    await file.write(Uint8Array.of(1, 2, 3), 0, 3, 2 * KEPT_SEGMENT_BYTES + 77);
    await file.close();
    const blocks = countBlocks(world);
    // Interrupted once more, so that what was noted afresh is read again as well.
    await interrupt(deps, request, 3.5 * KEPT_SEGMENT_BYTES);
    const { path, keptBytes } = await resumed(deps, request);
    assert.equal(keptBytes, 3 * KEPT_SEGMENT_BYTES);
    assert.ok(blocks() < DATA_BLOCKS, `${blocks()} blocks`);
    assert.ok(bytesEqual(await readFile(path), content));
    await rm(path);

    await interrupt(deps, request, 3.5 * KEPT_SEGMENT_BYTES);
    const shortened = await open(join(await partialOf(), 'data'), 'r+');
    await shortened.truncate(1.5 * KEPT_SEGMENT_BYTES);
    await shortened.close();
    assert.equal((await resumed(deps, request)).keptBytes, KEPT_SEGMENT_BYTES);
    assert.ok(bytesEqual(await readFile(path), content));
  });

  it('writes nothing but what was published even when data and digests were both forged', async () => {
    const { built, deps } = published();
    const request = { link: built.text, directory };
    await interrupt(deps, request, 3.5 * KEPT_SEGMENT_BYTES);
    const left = await partialOf();
    const forged = new Uint8Array(KEPT_SEGMENT_BYTES).fill(7);
    const hash = crypto.hashStream('partial segment', forged.length);
    hash.update(forged);
    const file = await open(join(left, 'data'), 'r+');
    await file.write(forged, 0, forged.length, 0);
    await file.close();
    const journal = join(left, 'journal');
    const lines = (await readFile(journal, 'utf8')).split('\n');
    lines[2] = JSON.stringify(['segment', 0, 0, toHex(hash.digest())]);
    await writeFile(journal, lines.join('\n'));
    const { path } = await resumed(deps, request);
    assert.ok(bytesEqual(await readFile(path), content));
    assert.deepEqual(await readdir(directory), ['report.bin']);
  });

  it('refuses a journal that is not of its form', async () => {
    const { built, deps } = published();
    const request = { link: built.text, directory };
    for (const line of [
      '["file",0,"x",1]',
      '["segment",0,2,"00"]',
      '["segment",7,0,"00"]',
      '{}',
      '["file",0,"../x"]',
    ]) {
      await interrupt(deps, request, 2.5 * KEPT_SEGMENT_BYTES);
      await appendFile(join(await partialOf(), 'journal'), `${line}\n`);
      const { path } = await resumed(deps, request);
      assert.ok(bytesEqual(await readFile(path), content), line);
      await rm(path);
      assert.deepEqual(await readdir(directory), []);
    }
  });
});

describe('a directory', () => {
  const files = {
    'a/Large.bin': pattern(2 * KEPT_SEGMENT_BYTES, 3),
    'b/one.txt': pattern(40_000, 1),
    'b/two.txt': pattern(50_000, 2),
    'b/zero.txt': new Uint8Array(),
    'c/large.bin': pattern(3 * KEPT_SEGMENT_BYTES + 5, 4),
  };

  it('is gone on with file by file; what is not noted leaves, and nothing is left in the end', async () => {
    const world = createWorld();
    const built = world.publish({ files, title: 'Minutes', inlineBytes: 100 });
    const request = { link: built.text, directory };
    await interrupt(world.deps, request, 4 * KEPT_SEGMENT_BYTES);
    const data = join(await partialOf(), 'data');
    await mkdir(join(data, 'd'));
    await writeFile(join(data, 'd', 'stray.txt'), 'stray');
    await writeFile(join(data, 'b', 'stray.txt'), 'stray');
    const { path, keptBytes } = await resumed(world.deps, request);
    assert.ok(keptBytes > 90_000, `${keptBytes} bytes`);
    assert.deepEqual((await readdir(path, { recursive: true })).sort(), ['a', 'b', 'c', ...Object.keys(files)].sort());
    for (const [name, bytes] of Object.entries(files)) assert.ok(bytesEqual(await readFile(join(path, name)), bytes));
    assert.deepEqual(await readdir(directory), ['Minutes']);
  });
});

describe('what nobody goes on with', () => {
  it('leaves when it is too old or too much', async () => {
    const { world, built, deps: eager } = published();
    const { clock } = eager;
    let aheadMs = 0;
    const deps: GetDeps = {
      ...eager,
      clock: {
        now: () => Date.now() + aheadMs,
        monotonicMs: () => clock.monotonicMs(),
        after: (ms, act) => clock.after(ms, act),
      },
    };
    const request = { link: built.text, directory };
    await interrupt(deps, request, 2.5 * KEPT_SEGMENT_BYTES);
    const old = await partialOf();
    const other = world.publish({ files: { 'other.bin': content } });
    const look = async (): Promise<number> => {
      await rm(join(directory, 'other.bin'), { force: true });
      await getPublication(deps, { link: other.text, directory });
      return (await readdir(directory)).length;
    };
    aheadMs = 365 * DAY_MS;
    assert.equal(await look(), 2, 'a clock that is a year ahead takes nothing');
    assert.ok((await readdir(old)).includes('old'));
    aheadMs = 0;
    assert.equal(await look(), 2);
    assert.ok(!(await readdir(old)).includes('old'), 'and what it noted is forgotten by one that is right');

    const longAgo = (Date.now() - MAX_PARTIAL_AGE_MS) / 1_000 - 1;
    await utimes(join(old, 'journal'), longAgo, longAgo);
    assert.equal(await look(), 2, 'it is seen to be too old');
    aheadMs = GRACE_MS - DAY_MS;
    assert.equal(await look(), 2);
    aheadMs = GRACE_MS + 1;
    assert.equal(await look(), 1, 'and still is a week later');
    aheadMs = 0;

    for (let count = 0; count < MAX_PARTIALS + 3; count += 1) {
      const path = join(directory, `.x.${String(count).padStart(16, '0')}.part`);
      await mkdir(path);
      await writeFile(join(path, 'journal'), '');
    }
    await rm(join(directory, 'other.bin'));
    await getPublication(deps, { link: other.text, directory });
    assert.equal((await readdir(directory)).length, MAX_PARTIALS + 1);
  });
});
