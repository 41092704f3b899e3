/** One packet to an address that somebody named, and none for a while when it is silent. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type HyperDHT from 'hyperdht';
import { Hints } from '../../../src-main/transport/hyperswarm/hints.ts';

/** A DHT of which only some addresses answer. */
function dhtOf(answering: readonly string[], pinged: string[]): HyperDHT {
  const ping = ({ host, port }: { host: string; port: number }): Promise<unknown> => {
    pinged.push(`${host}:${port}`);
    return answering.includes(`${host}:${port}`) ? Promise.resolve({}) : Promise.reject(new Error('no answer'));
  };
  return { ping } as unknown as HyperDHT;
}

const publicKey = new Uint8Array(32);

describe('hints', () => {
  it('give the address of who answers, as often as it is asked for', async () => {
    const pinged: string[] = [];
    const hints = new Hints(() => 0);
    const dht = dhtOf(['198.51.100.1:5'], pinged);
    for (let time = 0; time < 3; time += 1) {
      const address = await hints.tried(dht, { publicKey, host: '198.51.100.1', port: 5 });
      assert.deepEqual(address, { host: '198.51.100.1', port: 5 });
    }
    assert.equal(pinged.length, 3);
  });

  it('leave a silent public address alone at all its ports, longer each time', async () => {
    const pinged: string[] = [];
    let nowMs = 0;
    const hints = new Hints(() => nowMs);
    const dht = dhtOf([], pinged);
    // Every five seconds for a day, another port each time.
    for (; nowMs < 86_400_000; nowMs += 5_000) {
      assert.equal(
        await hints.tried(dht, { publicKey, host: '198.51.100.1', port: 1 + ((nowMs / 5_000) % 60_000) }),
        undefined,
      );
    }
    // Doubling from two seconds to ten minutes: nine, and then one in ten minutes.
    assert.ok(pinged.length <= 9 + 144, `${pinged.length} packets in a day`);
  });

  it('tell the nodes of one machine apart by their ports', async () => {
    const pinged: string[] = [];
    const hints = new Hints(() => 0);
    const dht = dhtOf(['127.0.0.1:2'], pinged);
    assert.equal(await hints.tried(dht, { publicKey, host: '127.0.0.1', port: 1 }), undefined);
    assert.notEqual(await hints.tried(dht, { publicKey, host: '127.0.0.1', port: 2 }), undefined);
    assert.equal(await hints.tried(dht, { publicKey, host: '127.0.0.1', port: 1 }), undefined);
    assert.deepEqual(pinged, ['127.0.0.1:1', '127.0.0.1:2']);
  });

  it('send nothing to what is no address', async () => {
    const pinged: string[] = [];
    const hints = new Hints(() => 0);
    const dht = dhtOf([], pinged);
    for (const host of [undefined, '', 'localhost', '0.0.0.0', '239.0.0.1', '255.255.255.255']) {
      assert.equal(await hints.tried(dht, { publicKey, port: 5, ...(host === undefined ? {} : { host }) }), undefined);
    }
    for (const port of [undefined, 0, -1, 65_536, 1.5, Number.NaN]) {
      const node = { publicKey, host: '198.51.100.1', ...(port === undefined ? {} : { port }) };
      assert.equal(await hints.tried(dht, node), undefined);
    }
    assert.deepEqual(pinged, []);
  });
});
