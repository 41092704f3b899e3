/** What neighbours carry for two ends, whose carrier may be hostile. The links are arrays; everything above them is the program's own. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type HyperDHT from 'hyperdht';
import { toHex } from '../../../shared/base/bytes.ts';
import { MAX_RELAYED_TAKEN } from '../../../src-main/transport/hyperswarm/relay/limits.ts';
import { decodeRelay, encodeRelay } from '../../../src-main/transport/hyperswarm/relay/messages.ts';
import { chain, clock, join, Node, stopNodes } from '../../support/relay-nodes.ts';
import type { Of } from '../../support/relay-nodes.ts';
import { testKeyPair } from '../../support/transport-peer.ts';

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function closed(stream: HyperDHT.SecretStream): Promise<void> {
  if (!stream.destroyed) await new Promise<void>((resolve) => stream.once('close', () => resolve()));
}

/** What comes of it, as it comes. */
function heard(stream: HyperDHT.SecretStream): Buffer[] {
  const all: Buffer[] = [];
  stream.on('data', (bytes: Buffer) => all.push(bytes));
  return all;
}

describe('what neighbours carry', { timeout: 30_000 }, () => {
  afterEach(stopNodes);

  it('is a stream that both ends have proved, and that the one between cannot read', async () => {
    const seen: Buffer[] = [];
    const { asker, relay, target } = chain((bytes) => {
      seen.push(Buffer.from(bytes));
      return [bytes];
    });
    const [there, here] = [await asker.stream(), await target.stream()];
    const said = Buffer.from('what is only for the two of them');
    const arrived = heard(here);
    there.write(said);
    while (arrived.length === 0) await turns();
    assert.deepEqual(arrived[0], said);
    assert.deepEqual(new Uint8Array(there.remotePublicKey), target.key);
    assert.deepEqual(new Uint8Array(here.remotePublicKey), asker.key);
    assert.deepEqual(asker.streams[0]!.relay, relay.key);
    assert.equal(Buffer.concat(seen).includes(said), false);
  });

  // The Noise handshake and the header of the sealed stream pass; what is sealed is tampered with.
  const TAMPERED: Readonly<Record<string, (data: Of<'data'>, kept: Uint8Array[]) => Uint8Array[]>> = {
    'changes a bit': (data) => {
      const bytes = data.bytes.slice();
      bytes[bytes.length - 1]! ^= 1;
      return [encodeRelay({ ...data, bytes })];
    },
    'leaves out a frame': (data, kept) => {
      kept.push(data.bytes);
      return kept.length === 1 ? [] : [encodeRelay(data)];
    },
    'sends a frame twice': (data) => [encodeRelay(data), encodeRelay(data)],
    'changes the order': (data, kept) => {
      kept.push(encodeRelay(data));
      return kept.length < 2 ? [] : kept.splice(0).reverse();
    },
    'claims a frame of sixteen megabytes': (data) => [
      encodeRelay({ ...data, bytes: new Uint8Array([0xff, 0xff, 0xff, 1, 2, 3]) }),
    ],
  };
  for (const [what, tamper] of Object.entries(TAMPERED)) {
    it(`ends at both ends, and hands on nothing false, when the one between ${what}`, async () => {
      let isHostile = false;
      const kept: Uint8Array[] = [];
      const { asker, target } = chain((bytes) => {
        const message = decodeRelay(bytes)!;
        return isHostile && message.kind === 'data' ? tamper(message, kept) : [bytes];
      });
      const [there, here] = [await asker.stream(), await target.stream()];
      const arrived = heard(here);
      heard(there);
      there.write(Buffer.from('before'));
      while (arrived.length === 0) await turns();
      isHostile = true;
      for (const word of ['one', 'two', 'three', 'four']) there.write(Buffer.from(word));
      await Promise.all([closed(here), closed(there)]);
      // At most what came before the first that was wrong.
      assert.ok(['before', 'before,one'].includes(arrived.join()), arrived.join());
    });
  }

  it('comes to nothing when the one between puts another in the place of an end', async () => {
    const [asker, between, impostor] = [new Node(0), new Node(1), new Node(5)];
    const target = testKeyPair(2).publicKey;
    const line = asker.line(between.key, true);
    // The impostor has its own key, and the asker's is all that it is told.
    const toImpostor = impostor.line(between.key, false);
    asker.relays.search(target);
    asker.hear(line, { kind: 'answer', number: line.of('ask')[0]!.number, outcome: 'none', roundTripMs: 1 });
    const { number } = line.of('open')[0]!;
    line.onSend = (bytes) => {
      const message = decodeRelay(bytes)!;
      if (message.kind === 'data') impostor.hear(toImpostor, { ...message, number: 2 });
    };
    toImpostor.onSend = (bytes) => {
      const message = decodeRelay(bytes)!;
      if (message.kind === 'data') asker.hear(line, { ...message, number });
    };
    impostor.hear(toImpostor, { kind: 'offer', number: 2, publicKey: asker.key });
    asker.hear(line, { kind: 'accept', number });
    while (line.of('close').length === 0 && toImpostor.of('close').length === 0) await turns();
    assert.deepEqual([asker.streams.length, impostor.streams.length], [0, 0]);
  });

  it('ends a stream that was offered in the name of another', async () => {
    const [asker, relay, target] = [new Node(0), new Node(1), new Node(2)];
    join(asker, relay);
    join(relay, target, (bytes) => {
      const message = decodeRelay(bytes)!;
      return [message.kind === 'offer' ? encodeRelay({ ...message, publicKey: testKeyPair(7).publicKey }) : bytes];
    });
    asker.relays.search(target.key);
    const stream = await asker.stream();
    heard(stream);
    await closed(stream);
    assert.equal(target.streams.length, 0);
  });

  it('is taken from the neighbour with the shortest way, then from the next', async () => {
    const asker = new Node(0);
    const lines = [1, 2, 3, 4].map((number) => asker.line(testKeyPair(number).publicKey, true));
    const target = testKeyPair(9).publicKey;
    asker.relays.search(target);
    for (const [index, roundTripMs] of [80, 20, 50].entries()) {
      const { number } = lines[index]!.of('ask')[0]!;
      asker.hear(lines[index]!, { kind: 'answer', number, outcome: 'none', roundTripMs });
    }
    asker.hear(lines[3]!, { kind: 'answer', number: lines[3]!.of('ask')[0]!.number, outcome: 'off', roundTripMs: 0 });
    const opened = (): number[] => lines.flatMap((line, index) => (line.of('open').length > 0 ? [index] : []));
    assert.deepEqual(opened(), [1]);
    asker.hear(lines[1]!, { kind: 'close', number: lines[1]!.of('open')[0]!.number, outcome: 'busy' });
    assert.deepEqual(opened(), [1, 2]);
    asker.relays.linkDown(lines[2]!);
    assert.deepEqual(opened(), [0, 1, 2]);
    asker.hear(lines[0]!, { kind: 'close', number: lines[0]!.of('open')[0]!.number, outcome: 'refused' });
    // All were tried: what says most is told.
    assert.equal(asker.relays.refusalOf(toHex(target)), 'refused');
    asker.relays.search(target);
    assert.equal(lines[0]!.of('ask').length, 1, 'asked again at once');
    clock.nowMs += 60_000;
    asker.relays.search(target);
    assert.equal(lines[0]!.of('ask').length, 2);
  });

  it('is taken by a node from no more than so many, whoever offers', () => {
    const target = new Node(2);
    let number = 0;
    for (const relay of [3, 4, 5]) {
      const line = target.line(testKeyPair(relay).publicKey, false);
      for (let count = 0; count < 3; count += 1)
        target.hear(line, { kind: 'offer', number: (number += 2), publicKey: testKeyPair(20 + number).publicKey });
    }
    assert.equal(target.relays.figures.links, MAX_RELAYED_TAKEN);
  });
});
