/** What waits on a link: whoever was told that it is full is told when there is room, whatever it waited for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import { Traffic } from '../../../src-main/transport/hyperswarm/traffic.ts';
import type { OutboundMessage } from '../../../src-main/transport/outbox.ts';

const MESSAGE: OutboundMessage = { channel: 'transfer', bytes: new Uint8Array(33_000) };

/** A link with a limit upwards, in bytes a second, and a way out that is free or full. */
class Line {
  nowMs = 0;
  isFree = true;
  written = 0;
  rooms = 0;
  turns = 0;
  readonly traffic: Traffic;

  constructor(upBytesPerSecond: number) {
    this.traffic = new Traffic({
      up: new TokenBucket(upBytesPerSecond, 0),
      down: new TokenBucket(0, 0),
      nowMs: () => this.nowMs,
      roundTripMs: () => 1,
      mayWrite: () => true,
      write: () => {
        this.written += 1;
        return this.isFree;
      },
      grant: () => {},
      waitForUpload: () => (this.turns += 1),
      waitForDownload: () => {},
      hasRoom: () => (this.rooms += 1),
    });
    // The other end takes all of it.
    this.traffic.wasGranted(100_000_000);
  }

  /** Sends until it is told that the link is full. */
  fill(): number {
    for (let sent = 1; ; sent += 1) if (this.traffic.send(MESSAGE) === 'full') return sent;
  }
}

test('who filled a link that has a limit is told of room once the limit has let enough go, though the way out was never full', () => {
  const line = new Line(100_000);
  const sent = line.fill();
  assert.equal(line.rooms, 0);
  while (line.written < sent) {
    assert.ok(line.turns > 0, 'it waits for nothing');
    line.turns = 0;
    line.nowMs += 1_000;
    line.traffic.goOn();
  }
  assert.equal(line.rooms, 1);
  assert.equal(line.traffic.pendingBytes, 0);
});

test('who filled a way out is told of room when that is free again', () => {
  const line = new Line(0);
  line.isFree = false;
  const sent = line.fill();
  assert.equal(line.written, 1);
  line.isFree = true;
  line.traffic.wayIsFree();
  assert.equal(line.written, sent);
  assert.equal(line.rooms, 1);
});
