/**
 * Exit codes that a healthy network does not show: the command line on a real network whose nodes are full, hold shares
 * that are wrong, or hold tombstones. The nodes are in this process; transport, command line and records are real.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeSlot } from '../../src-main/core/publish/slot.ts';
import type { NodeService } from '../../src-main/services/node/node-service.ts';
import { createMemoryBlockStore } from '../../src-main/storage/memory/block-store.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { crypto } from '../support/mesh.ts';
import { startNode } from '../support/nodes.ts';
import { buildPublication } from '../support/publication-builder.ts';
import type { BuiltPublication } from '../support/publication-builder.ts';
import { runCommand } from '../support/spawn.ts';

const random = createSystemRandom();
const NETWORK = 'practice-exit-codes';
const FULL_NETWORK = 'practice-full';
let directory: string;
let dht: Awaited<ReturnType<typeof startBootstrapper>>;
const nodes: NodeService[] = [];

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'broadside-exit-'));
  dht = await startBootstrapper();
  for (let count = 0; count < 3; count += 1) nodes.push(await startNode(NETWORK, dht.bootstrap[0]!));
  for (let count = 0; count < 2; count += 1) {
    nodes.push(await startNode(FULL_NETWORK, dht.bootstrap[0]!, createMemoryBlockStore({ quotaBytes: 1_000 })));
  }
  for (const node of nodes) assert.ok(await node.waitForLinks(1, 60_000));
});
after(async () => {
  for (const node of nodes) await node.stop();
  await dht.stop();
  rmSync(directory, { recursive: true, force: true });
});

const on = (name: string, network = NETWORK): string[] => [
  ...['--data', join(directory, name), '--network', network, '--bootstrap', dht.bootstrap[0]!, '--json', '--quiet'],
];

async function insertAll(publication: BuiltPublication, slots = publication.slots): Promise<void> {
  for (const record of [...publication.blocks, ...slots]) {
    const outcome = await nodes[0]!.insert(record, { priority: 'bulk' });
    assert.ok(outcome.ok);
  }
}

async function failsWith(args: readonly string[], exitCode: number, code: string, words: RegExp): Promise<void> {
  const outcome = await runCommand(args);
  assert.equal(outcome.code, exitCode, outcome.stderr);
  const { error } = outcome.json<{ error: { code: string; message: string } }>();
  assert.equal(error.code, code);
  assert.match(error.message, words);
  assert.equal(outcome.stderr.trim().split('\n').length, 1, outcome.stderr);
}

test('a network whose nodes are all full: exit 11, and what to do', async () => {
  const path = join(directory, 'document.txt');
  writeFileSync(path, 'nowhere to go');
  await failsWith(['publish', path, ...on('full', FULL_NETWORK)], 11, 'no-space', /full|room|space/i);
});

test('too many wrong shares: exit 6, and which they are', async () => {
  const wrongShares = [1, 2, 3, 4, 5, 6, 7, 8];
  const publication = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(100) }, wrongShares });
  await insertAll(publication);
  await failsWith(['get', publication.text, '-o', join(directory, 'a'), ...on('reader')], 6, 'damaged', /share/i);
});

test('a tombstone: exit 8, deleted by its publisher', async () => {
  const publication = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(100) } });
  await insertAll(publication);
  const version = { counter: 2, tie: random.bytes(8) };
  const tombstones = publication.places.map((place) =>
    makeSlot(crypto, random, publication.keys.secretKey, place, version, {
      k: publication.link.k,
      n: publication.link.n,
      index: place.index,
      edition: 1,
      kdf: publication.kdf,
      names: publication.names,
      body: { kind: 'deleted' },
    }),
  );
  await insertAll(publication, tombstones);
  await failsWith(['get', publication.text, '-o', join(directory, 'b'), ...on('reader')], 8, 'deleted', /deleted/i);
});

test('no k of the shares are there: exit 3, with how many are', async () => {
  const publication = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(100) } });
  await insertAll(publication, publication.slots.slice(0, 2));
  await failsWith(['get', publication.text, '-o', join(directory, 'c'), ...on('reader')], 3, 'not-found', /2/);
});
