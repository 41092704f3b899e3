/** When a link tries TCP at all, and when it leaves it alone. What happens on the way: test/contract/transport-paths. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PathMessage } from '../../../src-main/transport/hyperswarm/path-messages.ts';
import { MAX_CALLS_OF_LINK, MAX_TCP_ROUND_TRIP_MS, Paths } from '../../../src-main/transport/hyperswarm/paths.ts';
import type { Called, Expected } from '../../../src-main/transport/hyperswarm/tcp-port.ts';

/** One end of a link, whose other end is the test. Nobody answers a call. */
class End {
  nowMs = 1_000;
  host: string | undefined = '192.0.2.7';
  port = 5_000;
  pings = 0;
  readonly told: PathMessage[] = [];
  readonly called: Called[] = [];
  readonly expected = new Set<Expected>();
  violations = 0;
  readonly paths: Paths;

  constructor(initiator: boolean) {
    const end = this;
    this.paths = new Paths({
      initiator,
      publicKey: new Uint8Array(32),
      calls: {
        get port() {
          return end.port;
        },
        expect: (expected) => {
          this.expected.add(expected);
          return () => this.expected.delete(expected);
        },
        call: (called, onEnd) => {
          this.called.push(called);
          queueMicrotask(() => onEnd(undefined));
          return () => {};
        },
      },
      nowMs: () => this.nowMs,
      host: () => this.host,
      tell: (message) => this.told.push(message),
      grantedBytes: () => 0,
      ping: () => (this.pings += 1),
      alive: () => {},
      received: () => {},
      controlled: () => {},
      wasGranted: () => {},
      returned: () => {},
      wayIsFree: () => {},
      violated: () => (this.violations += 1),
    });
  }

  tick(afterMs = 500): void {
    this.nowMs += afterMs;
    this.paths.tick(this.nowMs);
  }

  get reaches(): number {
    return this.told.filter(({ kind }) => kind === 'reach').length;
  }
}

const reach = (port: number): PathMessage => ({ kind: 'reach', port, token: new Uint8Array(16) });

describe('whether a link tries TCP', () => {
  it('has the other end call once it is known to be near, and only the end that was dialled does', () => {
    const [dialled, dialler] = [new End(false), new End(true)];
    for (const end of [dialled, dialler]) end.tick();
    assert.deepEqual([dialled.reaches, dialler.reaches], [0, 0]);
    for (const end of [dialled, dialler]) {
      end.paths.measured(5);
      end.tick();
    }
    assert.deepEqual([dialled.reaches, dialler.reaches], [1, 0]);
    assert.deepEqual(
      [...dialled.expected].map(({ host }) => host),
      ['192.0.2.7'],
    );
  });

  it('leaves a far end alone, after some more measurements', () => {
    const end = new End(false);
    for (let count = 0; count < 20; count += 1) {
      end.paths.measured(MAX_TCP_ROUND_TRIP_MS + 1);
      end.tick();
    }
    assert.equal(end.reaches, 0);
    assert.equal(end.pings, 4);
    end.paths.measured(MAX_TCP_ROUND_TRIP_MS);
    end.tick();
    assert.equal(end.reaches, 1);
    // Nor does it call one that is far.
    const caller = new End(true);
    caller.paths.measured(50);
    caller.paths.heard(reach(5_000));
    for (let count = 0; count < 20; count += 1) caller.tick();
    assert.equal(caller.called.length, 0);
  });

  it('calls nobody over a relay, whose address is not the other end', () => {
    for (const initiator of [true, false]) {
      const end = new End(initiator);
      end.host = undefined;
      end.paths.measured(1);
      end.paths.heard(reach(5_000));
      for (let count = 0; count < 5; count += 1) end.tick();
      assert.deepEqual([end.called.length, end.reaches, end.violations], [0, 0, 0]);
    }
  });

  it('takes turns, rests longer each time, and ends trying', async () => {
    const [dialled, dialler] = [new End(false), new End(true)];
    for (const end of [dialled, dialler]) end.paths.measured(1);
    const attempts: number[] = [];
    for (let second = 0; second < 7_200; second += 1) {
      for (const end of [dialled, dialler]) end.tick(1_000);
      let isBusy = true;
      while (isBusy) {
        isBusy = false;
        for (const [from, to] of [
          [dialled, dialler],
          [dialler, dialled],
        ] as const) {
          const message = from.told.shift();
          if (message === undefined) continue;
          isBusy = true;
          if (message.kind === 'reach' && from === dialled) attempts.push(second);
          to.paths.heard(message);
          await Promise.resolve(); // a call ends
        }
      }
    }
    assert.ok(attempts.length >= 3, `${attempts.length} attempts`);
    assert.ok(dialled.called.length >= 3 && dialler.called.length >= 3);
    for (const end of [dialled, dialler]) assert.ok(end.called.length <= MAX_CALLS_OF_LINK);
    const rests = attempts.slice(1).map((at, index) => at - attempts[index]!);
    for (const [index, rest] of rests.entries()) assert.ok(rest >= 30 * 2 ** index, `rests of ${rests} s`);
    assert.equal(dialled.violations + dialler.violations, 0);
  });

  it('says that nothing was taken when the other end moved to a stream that is not there', () => {
    const end = new End(false);
    end.paths.heard({ kind: 'switch' });
    assert.deepEqual(end.told, [{ kind: 'lost', taken: 0, grantedBytes: 0 }]);
    end.paths.heard({ kind: 'lost', taken: 0, grantedBytes: 5 });
    assert.equal(end.violations, 0);
    assert.equal(end.paths.isReturning, false);
    end.paths.heard({ kind: 'lost', taken: 0, grantedBytes: 5 });
    assert.equal(end.violations, 1);
  });
});
