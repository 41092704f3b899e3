/** What a node carries for others, whose ends may be hostile: consent, budgets, bounds. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import {
  ASKS_SAVED_SECONDS,
  CARRIED_IDLE_MS,
  MAX_ASKS_IN_SECOND,
  MAX_CARRIED_OF_ASKER,
  OFFER_MS,
  RELAY_WINDOW_BYTES,
} from '../../../src-main/transport/hyperswarm/relay/limits.ts';
import type { RelayMessage } from '../../../src-main/transport/hyperswarm/relay/messages.ts';
import type { RelaySettings } from '../../../src-main/transport/hyperswarm/relay/relays.ts';
import { clock, desk, FREE, stopNodes } from '../../support/relay-nodes.ts';
import { testKeyPair } from '../../support/transport-peer.ts';

const data = (number: number, length: number): RelayMessage => ({
  kind: 'data',
  number,
  bytes: new Uint8Array(length),
});

describe('what a node carries for others', () => {
  afterEach(stopNodes);

  it('is held back at the one between, within a bound, while an end takes nothing', () => {
    const { relay, from, to, accepted } = desk();
    const offered = accepted(0);
    let granted = 64 * 1024;
    let sent = 0;
    while (sent < granted) {
      relay.hear(from, data(0, 32_768));
      sent += 32_768;
      granted = from.of('grant').at(-1)?.totalBytes ?? granted;
    }
    const through = to.of('data').reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.ok(sent - through <= 1.5 * RELAY_WINDOW_BYTES + 32_768, `${sent - through} bytes are held`);
    assert.equal(from.destroyed, undefined);
    // It goes on as the end takes more, and who sends in spite of it is cut off.
    relay.hear(to, { kind: 'grant', number: offered, totalBytes: 10_000_000 });
    assert.equal(
      to.of('data').reduce((sum, { bytes }) => sum + bytes.length, 0),
      sent,
    );
    for (let count = 0; count < 100 && from.destroyed === undefined; count += 1) {
      to.isFull = true;
      relay.hear(from, data(0, 32_768));
    }
    assert.equal(from.destroyed, 'overrun');
  });

  it('is bounded for each that asks, paced, and cut off where somebody floods', () => {
    const { relay, from, open } = desk();
    for (let count = 0; count < MAX_CARRIED_OF_ASKER; count += 1) open(count * 2);
    open(40);
    assert.deepEqual(from.of('close'), [{ kind: 'close', number: 40, outcome: 'busy' }]);
    for (let count = 0; count < ASKS_SAVED_SECONDS; count += 1)
      relay.hear(from, { kind: 'ask', number: 100 + count * 2, publicKey: testKeyPair(2).publicKey });
    assert.equal(from.of('answer').at(-1)!.outcome, 'busy');
    assert.equal(from.destroyed, undefined);
    for (let count = 0; count < MAX_ASKS_IN_SECOND; count += 1)
      relay.hear(from, { kind: 'ask', number: 200 + count * 2, publicKey: testKeyPair(2).publicKey });
    assert.equal(from.destroyed, 'violation');
  });

  it('offers nothing to who opens and closes again and again: a third is not aimed at', () => {
    const { relay, from, to, open } = desk();
    for (let count = 0; count < 90; count += 1) {
      open(count * 2);
      relay.hear(from, { kind: 'close', number: count * 2, outcome: 'none' });
    }
    assert.ok(to.of('offer').length <= ASKS_SAVED_SECONDS, `${to.of('offer').length} offers in one second`);
    assert.equal(relay.relays.figures.streams, 0);
  });

  it('ends where the other end never takes it, and where nothing is carried for a minute', () => {
    const { relay, from, to, open, accepted } = desk();
    open(0);
    clock.nowMs += OFFER_MS;
    relay.relays.tick(clock.nowMs);
    assert.deepEqual(from.of('close').at(-1), { kind: 'close', number: 0, outcome: 'refused' });
    assert.equal(to.of('close').length, 1);
    accepted(2);
    clock.nowMs += CARRIED_IDLE_MS;
    relay.relays.tick(clock.nowMs);
    assert.equal(relay.relays.figures.streams, 0);
  });

  it('is refused to strangers, to itself, to who is not linked, and where it is off', () => {
    const outcome = (settings: RelaySettings, isKnown: boolean, publicKey: Uint8Array): string => {
      const { relay, from } = desk(settings, isKnown);
      relay.hear(from, { kind: 'ask', number: 0, publicKey });
      return from.of('answer')[0]!.outcome;
    };
    const known: RelaySettings = { ...FREE, consent: 'known' };
    const other = testKeyPair(2).publicKey;
    assert.equal(outcome({ ...FREE, consent: 'off' }, true, other), 'off');
    assert.equal(outcome(known, false, other), 'stranger');
    assert.equal(outcome(known, true, other), 'none');
    assert.equal(outcome(FREE, false, testKeyPair(0).publicKey), 'no-link');
    assert.equal(outcome(FREE, false, testKeyPair(3).publicKey), 'no-link');
    assert.equal(outcome(FREE, false, testKeyPair(1).publicKey), 'no-link');
  });

  it('costs a day of the one that asks, whoever reconnects, and comes back over a day', () => {
    const { relay, from, to, accepted } = desk({ ...FREE, bytesPerDay: 400_000 });
    const offered = accepted(0);
    relay.hear(to, { kind: 'grant', number: offered, totalBytes: 10_000_000 });
    for (let count = 0; count < 4; count += 1) relay.hear(from, data(0, 32_000));
    relay.hear(from, data(0, 1_000));
    assert.equal(from.of('close').at(-1)?.outcome, 'spent');
    relay.relays.linkDown(from);
    const again = relay.line(from.publicKey, false);
    relay.hear(again, { kind: 'open', number: 0, publicKey: to.publicKey });
    assert.equal(again.of('close').at(-1)?.outcome, 'spent');
    clock.nowMs += 12 * 60 * 60_000;
    relay.hear(again, { kind: 'open', number: 2, publicKey: to.publicKey });
    assert.equal(again.of('close').length, 1);
  });

  it('closes the link to who breaks the rules', () => {
    const breaches: readonly ((scene: ReturnType<typeof desk>) => void)[] = [
      // What is sent before anybody took it, by either end.
      ({ relay, from, open }) => (open(0), relay.hear(from, data(0, 10))),
      ({ relay, from, to, open }) => (relay.hear(to, data(open(0), 10)), to.destroyed && from.destroy('violation')),
      // Accepted by who asked; accepted twice.
      ({ relay, from, open }) => (open(0), relay.hear(from, { kind: 'accept', number: 0 })),
      ({ relay, from, to, accepted }) => (
        relay.hear(to, { kind: 'accept', number: accepted(0) }),
        to.destroyed && from.destroy('violation')
      ),
      // A number of the other end's, and one that is in use.
      ({ open }) => void open(1),
      ({ open }) => (open(0), void open(0)),
      ({ relay, from }) => relay.relays.received(from, Uint8Array.of(9, 0, 0, 0, 0)),
      ({ relay, from }) => relay.hear(from, { kind: 'offer', number: 0, publicKey: from.publicKey }),
    ];
    for (const [index, breach] of breaches.entries()) {
      const scene = desk();
      breach(scene);
      assert.equal(scene.from.destroyed, 'violation', `breach ${index}`);
    }
  });

  it('ends with the link to either end, and what comes late for it is passed over', () => {
    const { relay, from, to, accepted } = desk();
    const offered = accepted(0);
    relay.relays.linkDown(from);
    assert.deepEqual(to.of('close').at(-1), { kind: 'close', number: offered, outcome: 'lost' });
    for (const message of [data(offered, 100), { kind: 'close', number: offered, outcome: 'none' } as const])
      relay.hear(to, message);
    assert.equal(to.destroyed, undefined);
    assert.equal(relay.relays.figures.streams, 0);
  });

  it('lets through what was said before an end closed', () => {
    const { relay, from, to, accepted } = desk();
    const offered = accepted(0);
    to.isFull = true;
    relay.hear(from, data(0, 10));
    relay.hear(from, data(0, 20));
    relay.hear(from, { kind: 'close', number: 0, outcome: 'none' });
    assert.deepEqual(
      to.of('data').map(({ bytes }) => bytes.length),
      [10],
    );
    to.isFull = false;
    relay.relays.hasRoom(to);
    assert.deepEqual(
      to.sent.map((message) => (message.kind === 'data' ? message.bytes.length : message.kind)),
      ['offer', 10, 'grant', 20, 'close'],
    );
    assert.equal(to.of('close')[0]!.number, offered);
  });
});
