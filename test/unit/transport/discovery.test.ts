/** When the topic is asked, and what is made of its answers. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type HyperDHT from 'hyperdht';
import { Discovery } from '../../../src-main/transport/hyperswarm/discovery.ts';

const key = Buffer.alloc(32, 7);

describe('discovery', () => {
  const asked: string[] = [];
  let answers: { peers: { publicKey: Buffer; relayAddresses: never[] }[] }[] = [];
  let discovery: Discovery | undefined;

  beforeEach(() => {
    asked.length = 0;
    answers = [{ peers: [{ publicKey: key, relayAddresses: [] }] }];
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  });
  afterEach(() => {
    discovery?.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  function create(over: { wantsLinks: () => boolean; onPeer?: () => void; onAnnouncedAgain?: () => void }): Discovery {
    let nowMs = 1_000_000;
    mock.method(performance, 'now', () => nowMs);
    const query = (name: string) => (): AsyncIterable<unknown> & { destroy(): void } => {
      asked.push(name);
      return {
        destroy: () => {},
        async *[Symbol.asyncIterator]() {
          yield* answers;
        },
      };
    };
    const dht = { announce: query('announce'), lookup: query('lookup') };
    discovery = new Discovery({
      dht: dht as unknown as HyperDHT,
      server: { relayAddresses: [] } as unknown as HyperDHT.DhtServer,
      topic: Buffer.alloc(32),
      keyPair: { publicKey: key, secretKey: Buffer.alloc(64) },
      random: () => 0.5,
      onPeer: () => {},
      onAnnouncedAgain: () => {},
      ...over,
    });
    advance = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 500) {
        nowMs += 500;
        mock.timers.tick(500);
        // The answers of a query come in turns of their own.
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      }
    };
    return discovery;
  }
  let advance: (ms: number) => Promise<void> = async () => {};

  it('asks again soon while links are wanted, then ever more seldom', async () => {
    let peers = 0;
    create({ wantsLinks: () => true, onPeer: () => (peers += 1) }).start();
    await advance(60_000);
    const first = asked.length;
    await advance(60_000);
    assert.equal(asked[0], 'announce');
    assert.ok(first >= 5 && first <= 10, `${first} in the first minute`);
    assert.ok(asked.length - first <= 1, `${asked.length - first} in the second`);
    assert.equal(peers, asked.length);
    discovery!.hurry();
    await advance(2_000);
    assert.ok(asked.length > first + 1);
  });

  it('asks once in ten minutes when there are enough, and says so but for the first time', async () => {
    let again = 0;
    create({ wantsLinks: () => false, onAnnouncedAgain: () => (again += 1) }).start();
    await advance(60_000);
    assert.deepEqual([asked, again], [['announce'], 0]);
    await advance(40 * 60_000);
    assert.deepEqual([asked.length, again], [5, 4]);
  });

  it('does not count an announcement that nobody heard', async () => {
    answers = [];
    let again = 0;
    create({ wantsLinks: () => true, onAnnouncedAgain: () => (again += 1) }).start();
    await advance(60_000);
    assert.ok(asked.length > 3 && asked.every((name) => name === 'announce'));
    answers = [{ peers: [] }];
    await advance(3_600_000);
    assert.ok(again > 0);
  });
});
