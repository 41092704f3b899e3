import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { KIND_CONTENT, PAYLOAD_BYTES } from '../../../src-main/core/wire/record.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { gather } from '../../../src-main/services/read/gather.ts';
import { HEAL_PAUSE_MS, Healer, MAX_HEALS_A_DAY, MAX_HEALS_WAITING } from '../../../src-main/services/read/healer.ts';
import { PublicationReader } from '../../../src-main/services/read/publication-reader.ts';
import { collect } from '../../support/publication-builder.ts';
import { blockAddress, createWorld, pattern } from './world.ts';

test('what a reader found missing, check blocks too, is put back after it was read, and only that', async () => {
  const world = createWorld();
  const content = pattern(60 * PIECE_BYTES);
  const built = world.publish({ files: { 'a.bin': content }, k: 1, n: 1 });
  const healer = new Healer(world.deps);
  const reader = new PublicationReader({ ...world.deps, heal: healer.heal }, await gather(world.deps, built.link));
  // Of 60 + 30 blocks: five data blocks, and the first two check blocks that are asked for in their place.
  const lost = [3, 17, 18, 40, 59, 60, 61].map((block) => blockAddress(built.blocks[block]!));
  for (const address of lost) world.network.lose(address);
  const before = world.network.records.size;
  assert.ok(bytesEqual(await collect(reader.whole(reader.file('a.bin')!)), content));
  while (healer.healed < lost.length) await turn();
  for (const address of lost) assert.ok(world.network.records.has(toHex(address)));
  assert.equal(world.network.records.size, before + lost.length);
  assert.equal(world.network.insertCount, lost.length);
  assert.ok(world.network.inserts.every(({ priority }) => priority === 'bulk'));
  await healer.close();
});

test('goes slowly, once each, within its bounds, and ends when it is closed', async () => {
  const world = createWorld();
  const { clock } = world.deps;
  const healer = new Healer(world.deps);
  let made = 0;
  const next = (): Uint8Array => pattern(PAYLOAD_BYTES, (made += 1));
  const give = (payload: Uint8Array): void =>
    healer.heal(blockAddress(Uint8Array.of(KIND_CONTENT, ...payload)), payload);
  const startedMs = clock.monotonicMs();
  const twice = next();
  give(twice);
  give(twice);
  for (let count = 0; count < MAX_HEALS_WAITING + 20; count += 1) give(next());
  while (healer.healed < MAX_HEALS_WAITING) await turn();
  for (let count = 0; count < 100; count += 1) await turn();
  assert.equal(world.network.insertCount, MAX_HEALS_WAITING);
  assert.ok(clock.monotonicMs() - startedMs >= MAX_HEALS_WAITING * HEAL_PAUSE_MS);
  give(next());
  await healer.close();
  give(next());
  assert.ok(world.network.insertCount <= MAX_HEALS_WAITING + 1);
  assert.ok(MAX_HEALS_A_DAY > MAX_HEALS_WAITING);
});
