/** Whom the transport dials by itself and whom it leaves to the core, on a DHT that only writes down what it is asked. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import type HyperDHT from 'hyperdht';
import { toHex } from '../../../shared/base/bytes.ts';
import type { CloseReason } from '../../../src-main/transport/hyperswarm/close-reason.ts';
import type { Connection } from '../../../src-main/transport/hyperswarm/connection.ts';
import { Dialler } from '../../../src-main/transport/hyperswarm/dialler.ts';
import { KnownNodes } from '../../../src-main/transport/hyperswarm/known-nodes.ts';
import { LinkTable } from '../../../src-main/transport/hyperswarm/link-table.ts';

function key(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

class World {
  nowMs = 1_000_000;
  readonly dialled: number[] = [];
  readonly failed: string[] = [];
  readonly stuck: number[] = [];
  aloneMs = 60_000;
  apart: number | undefined;
  readonly streams: (EventEmitter & { destroy(): void })[] = [];
  readonly known: KnownNodes;
  readonly links: LinkTable;
  readonly dialler: Dialler;

  constructor(floorLinks: number) {
    const now = (): number => this.nowMs;
    this.known = new KnownNodes({ ownKeyHex: toHex(key(0)), network: 'test', now, random: () => 0.5 });
    this.links = new LinkTable({
      publicKey: key(0),
      maxLinks: 8,
      countsPrivateNets: false,
      isDialling: () => false,
      onChosen: () => {},
      now,
    });
    this.dialler = new Dialler({
      keyPair: { publicKey: Buffer.from(key(0)), secretKey: Buffer.alloc(64) },
      known: this.known,
      links: this.links,
      floorLinks,
      onOpen: () => {},
      onFailed: (keyHex) => this.failed.push(keyHex),
      onStuck: (publicKey) => this.stuck.push(publicKey[0]!),
      aloneMs: () => this.aloneMs,
      cannotMeet: (publicKey) => publicKey[0] === this.apart,
      now,
    });
    this.dialler.start({
      connect: (publicKey: Buffer) => {
        this.dialled.push(publicKey[0]!);
        const stream = Object.assign(new EventEmitter(), { destroy: () => void stream.emit('close') });
        this.streams.push(stream);
        return stream;
      },
    } as unknown as HyperDHT);
  }

  /** A link, or a connection that never was one, ended. */
  ended(number: number, reason: CloseReason, over: Partial<Connection> = {}): void {
    const connection = { keyHex: toHex(key(number)), link: 1, initiator: true, bornAtMs: this.nowMs - 60_000, ...over };
    this.dialler.ended(connection as Connection, reason);
  }
}

/** Dials begin when the address was tried, which is never in the same turn. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('dialler', () => {
  it('dials by itself up to the floor, and beyond it whom the core asks for', async () => {
    const world = new World(2);
    for (let number = 1; number <= 5; number += 1) world.known.linked({ publicKey: key(number) });
    world.dialler.dialMore();
    await settled();
    assert.equal(world.dialled.length, 2);
    for (let number = 1; number <= 7; number += 1) world.dialler.ask({ publicKey: key(number) });
    await settled();
    assert.deepEqual(
      world.dialled.toSorted((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7],
    );
  });

  it('dials one stranger now and then, whatever links there are, but none that is known', async () => {
    const world = new World(0);
    world.known.linked({ publicKey: key(1) });
    world.dialler.dialStranger();
    await settled();
    assert.deepEqual(world.dialled, []);
    world.known.heardOf({ publicKey: key(2) });
    world.known.heardOf({ publicKey: key(3) });
    world.dialler.dialStranger();
    await settled();
    assert.equal(world.dialled.length, 1);
    assert.notEqual(world.dialled[0], 1);
  });

  it('lets rest whom either core closed, unless the core asks', async () => {
    for (const reason of ['asked', 'dismissed', 'prefix'] as const) {
      const world = new World(4);
      world.known.linked({ publicKey: key(1) });
      world.ended(1, reason);
      world.dialler.dialMore();
      await settled();
      assert.deepEqual(world.dialled, [], reason);
      world.dialler.ask({ publicKey: key(1) });
      await settled();
      assert.deepEqual(world.dialled, [1], reason);
    }
  });

  it('dials again soon who went, and one without room before one that does not want it', async () => {
    const restMs = async (reason: CloseReason, over: Partial<Connection>): Promise<number> => {
      const world = new World(4);
      world.known.linked({ publicKey: key(1) });
      world.ended(1, reason, over);
      const startMs = world.nowMs;
      while (world.dialled.length === 0 && world.nowMs < startMs + 3_600_000) {
        world.nowMs += 500;
        world.dialler.dialMore();
        await settled();
      }
      return world.nowMs - startMs;
    };
    const went = await restMs('remote', {});
    const full = await restMs('dismissed', { farewell: 'full' });
    const unwanted = await restMs('dismissed', { farewell: 'unwanted' });
    assert.ok(went <= 1_500 && went < full && full < unwanted && unwanted <= 200_000, `${went}, ${full}, ${unwanted}`);
  });

  it('bars who broke the rules, for the core too, and not for ever', async () => {
    for (const reason of ['violation', 'oversized', 'overrun'] as const) {
      const world = new World(4);
      world.known.linked({ publicKey: key(1) });
      world.ended(1, reason);
      assert.equal(world.dialler.isBarred(toHex(key(1))), true);
      world.dialler.ask({ publicKey: key(1) });
      world.dialler.dialMore();
      await settled();
      assert.deepEqual(world.dialled, [], reason);
      assert.equal(world.known.size, 1, 'the core named it; what it did is not forgotten');
      assert.deepEqual(world.known.proved(), []);
      world.nowMs += 3_600_000;
      assert.equal(world.dialler.isBarred(toHex(key(1))), false);
      world.dialler.ask({ publicKey: key(1) });
      await settled();
      assert.deepEqual(world.dialled, [1], reason);
    }
  });

  it('tells of each dial that came to nothing, and of a farewell before there was a link', async () => {
    const world = new World(0);
    world.dialler.ask({ publicKey: key(1) });
    await settled();
    world.streams[0]!.destroy();
    world.ended(2, 'dismissed', { link: undefined, farewell: 'prefix' });
    world.ended(3, 'dismissed', { link: 5, farewell: 'unwanted' });
    assert.deepEqual(
      world.failed,
      [1, 2].map((number) => toHex(key(number))),
    );
  });

  it('ends what is under way when it stops, and dials nobody after', async () => {
    const world = new World(4);
    world.dialler.ask({ publicKey: key(1) });
    await settled();
    world.dialler.ask({ publicKey: key(2) });
    world.dialler.stop();
    await settled();
    world.dialler.dialStranger();
    world.dialler.dialMore();
    await settled();
    assert.deepEqual(world.dialled, [1]);
    assert.deepEqual(world.failed, []);
    assert.equal(world.dialler.isDialling(toHex(key(1))), false);
  });

  it('tells of a dial that the core asked for when it leads to nothing, or to nothing for a while', async () => {
    const world = new World(0);
    for (const number of [1, 2]) world.dialler.ask({ publicKey: key(number) });
    await settled();
    world.streams[0]!.destroy();
    world.streams[1]!.emit('open');
    assert.deepEqual(world.stuck, [1]);
    world.aloneMs = 1;
    world.dialler.ask({ publicKey: key(3) });
    while (world.stuck.length < 2) await settled();
    assert.deepEqual(world.stuck, [1, 3]);
    // What it dials by itself, or again where there is a link, nobody helps.
    world.known.linked({ publicKey: key(4) });
    world.dialler.dialAgain('04'.repeat(32), key(4));
    await settled();
    world.streams.at(-1)!.destroy();
    assert.deepEqual(world.stuck, [1, 3]);
    world.apart = 5;
    world.dialler.ask({ publicKey: key(5) });
    await settled();
    assert.deepEqual(world.stuck, [1, 3, 5]);
    assert.equal(world.dialled.includes(5), false);
  });
});
