import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import {
  Credit,
  FIRST_CREDIT_BYTES,
  CreditWindow,
  FULL_CREDIT_BYTES,
  MOST_CREDIT_BYTES,
  creditWindowBytes,
} from '../../../src-main/transport/hyperswarm/credit.ts';
import { GONE_MS, IDLE_PING_MS, Liveness } from '../../../src-main/transport/hyperswarm/liveness.ts';
import { Outbox } from '../../../src-main/transport/outbox.ts';
import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import { MAX_TRANSPORT_MESSAGE_BYTES, MESSAGE_OVERHEAD_BYTES } from '../../../src-main/transport/limits.ts';

describe('token bucket', () => {
  it('lets through no more than the limit, what may be saved up, and one message', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 10_000_000 }),
        fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 300 }), bytes: fc.integer({ min: 0, max: 40_064 }) })),
        (limit, steps) => {
          const bucket = new TokenBucket(limit, 0);
          let nowMs = 0;
          let taken = 0;
          for (const { waitMs, bytes } of steps) {
            nowMs += waitMs;
            if (!bucket.allows(nowMs)) continue;
            bucket.take(bytes, nowMs);
            taken += bytes;
            assert.ok(taken <= (limit * nowMs) / 1_000 + limit / 8 + 40_064 + 1);
          }
        },
      ),
    );
  });

  it('says exactly when it lets something through again', () => {
    const bucket = new TokenBucket(100_000, 0);
    bucket.take(40_000, 0);
    const waitMs = bucket.waitMs(0);
    assert.equal(bucket.allows(waitMs - 2), false);
    assert.equal(bucket.allows(waitMs), true);
  });

  it('has no limit at 0, forgets debts with a new one, and survives a clock that goes back', () => {
    const bucket = new TokenBucket(0, 0);
    bucket.take(1e9, 0);
    assert.equal(bucket.allows(0), true);
    bucket.setLimit(1_000, 10);
    bucket.take(1e6, 10);
    assert.equal(bucket.allows(5), false);
    bucket.setLimit(2_000, 10);
    assert.equal(bucket.allows(10), true);
  });
});

describe('liveness', () => {
  it('pings what waits every two seconds and gives up after six', () => {
    const liveness = new Liveness(0);
    liveness.sent(1_000);
    assert.equal(liveness.check(2_900), 'nothing');
    assert.equal(liveness.check(3_000), 'ping');
    liveness.pinged(3_000);
    assert.equal(liveness.check(4_500), 'nothing');
    assert.equal(liveness.check(5_000), 'ping');
    liveness.sent(6_000); // more traffic does not put it off
    assert.equal(liveness.check(1_000 + GONE_MS), 'gone');
  });

  it('is content with anything heard, and pings when idle', () => {
    const liveness = new Liveness(0);
    liveness.sent(0);
    liveness.heard(5_999);
    assert.equal(liveness.check(6_000), 'nothing');
    assert.equal(liveness.check(5_999 + IDLE_PING_MS), 'ping');
    liveness.pinged(5_999 + IDLE_PING_MS);
    assert.equal(liveness.check(5_999 + IDLE_PING_MS + GONE_MS), 'gone');
  });

  it('smooths round trips', () => {
    const liveness = new Liveness(0);
    assert.equal(liveness.roundTripMs, undefined);
    liveness.measured(80);
    liveness.measured(160);
    assert.equal(liveness.roundTripMs, 90);
  });
});

describe('outbox', () => {
  it('gives back what it was given, in order, and counts it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }), { maxLength: 500 }),
        (steps) => {
          const outbox = new Outbox();
          const model: number[] = [];
          const costOf = (message: { bytes: Uint8Array }): number => message.bytes.length;
          for (const step of steps) {
            if (step === undefined) assert.equal(outbox.shift(costOf)?.bytes.length, model.shift());
            else {
              outbox.push({ channel: 'route', bytes: new Uint8Array(step) }, step);
              model.push(step);
            }
            assert.equal(outbox.isEmpty, model.length === 0);
            assert.equal(
              outbox.pendingBytes,
              model.reduce((sum, size) => sum + size, 0),
            );
          }
        },
      ),
    );
  });
});

describe('credit', () => {
  it('always leaves room for the longest message in half a window', () => {
    for (const limit of [0, 1, 1_000, 400_000, 1e7, 1e12]) {
      const bytes = creditWindowBytes(limit);
      assert.ok(bytes >= FIRST_CREDIT_BYTES && bytes <= FULL_CREDIT_BYTES);
      assert.ok(bytes > MAX_TRANSPORT_MESSAGE_BYTES + MESSAGE_OVERHEAD_BYTES);
    }
  });

  it('grows where it is used up within a round trip, to its bound, and not where the line is slower', () => {
    const slow = new CreditWindow();
    for (let nowMs = 0; nowMs < 2_000; nowMs += 100) slow.granted(nowMs, 100);
    assert.equal(slow.bytes(0), FULL_CREDIT_BYTES);
    const fast = new CreditWindow();
    fast.granted(0, 100);
    fast.granted(99, 100);
    assert.equal(fast.bytes(0), 2 * FULL_CREDIT_BYTES);
    for (let nowMs = 110; nowMs < 500; nowMs += 10) fast.granted(nowMs, 100);
    assert.equal(fast.bytes(0), MOST_CREDIT_BYTES);
    assert.equal(fast.bytes(1_000_000), creditWindowBytes(1_000_000), 'a limit counts all the same');
    const unmeasured = new CreditWindow();
    for (let nowMs = 0; nowMs < 50; nowMs += 1) unmeasured.granted(nowMs, undefined);
    assert.equal(unmeasured.bytes(0), FULL_CREDIT_BYTES);
  });

  it('lets the sender overdraw by one message, which the receiver, who granted as much, accepts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 64, max: 40_064 }), { maxLength: 300 }),
        fc.constantFrom(FIRST_CREDIT_BYTES, FULL_CREDIT_BYTES),
        (costs, windowBytes) => {
          const [sender, receiver] = [new Credit(), new Credit()];
          let sentBytes = 0;
          let grantedBytes = FIRST_CREDIT_BYTES;
          for (const cost of costs) {
            assert.equal(sender.maySend, sentBytes < grantedBytes);
            sender.sent(cost);
            sentBytes += cost;
            assert.ok(receiver.received(cost));
            if (!receiver.wantsGrant(windowBytes)) continue;
            grantedBytes = receiver.grant(windowBytes);
            assert.equal(grantedBytes, sentBytes + windowBytes);
            sender.wasGranted(grantedBytes);
          }
        },
      ),
    );
  });

  it('ends with the first message that begins beyond what was granted', () => {
    const credit = new Credit();
    assert.ok(credit.received(FIRST_CREDIT_BYTES - 1));
    assert.ok(credit.received(40_000));
    assert.equal(credit.received(1), false);
  });

  it('takes nothing back that was granted', () => {
    const credit = new Credit();
    credit.sent(FIRST_CREDIT_BYTES);
    assert.equal(credit.maySend, false);
    credit.wasGranted(FIRST_CREDIT_BYTES + 1);
    credit.wasGranted(0);
    assert.equal(credit.maySend, true);
  });
});
