/**
 * Messages as earlier versions wrote them (test/vectors/wire) are understood by this one, and there is one of each kind: a kind that is added
 * fails here until `node test/vectors/wire-fixtures.ts` has written what it looks like.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { PROTOCOL_VERSION } from '../../../src-main/core/wire/link-messages.ts';
import { linkMessages, routeMessages } from '../../support/wire-arbitraries.ts';
import { searchMessages } from '../../support/search-arbitraries.ts';
import { bytesOf, CODECS, keptMessages, keptVersions, presentMessages } from '../../vectors/wire-kept.ts';

describe('messages of the wire', () => {
  it('there is a file of each version up to the present one', () => {
    const versions = Array.from({ length: PROTOCOL_VERSION }, (_, index) => index + 1);
    assert.deepEqual(
      keptVersions().toSorted((a, b) => a - b),
      versions,
    );
  });

  for (const version of keptVersions()) {
    it(`of version ${version} are read as they were meant, and written as they were`, () => {
      for (const message of keptMessages(version)) {
        const { channel, kind, value } = message;
        const codec = CODECS[channel];
        assert.ok(codec !== undefined, `no codec of ${channel}`);
        assert.deepEqual(codec.read(bytesOf(message)), { kind, value }, `${channel}, ${kind}`);
        if (codec.write !== undefined) assert.equal(toHex(codec.write(bytesOf(message))), message.bytes);
      }
    });
  }

  it('of the present version are kept, one of each kind at least', () => {
    const names = (messages: readonly { channel: string; kind: string }[]): Set<string> =>
      new Set(messages.map(({ channel, kind }) => `${channel} ${kind}`));
    const kept = names(keptMessages(PROTOCOL_VERSION));
    const missing = [...names(presentMessages())].filter((name) => !kept.has(name));
    assert.deepEqual(missing, [], 'node test/vectors/wire-fixtures.ts');
    // The samples have each kind that the types know: of these channels by the arbitraries, of the others by their own type.
    for (const [channel, kinds] of Object.entries({ link: linkMessages, route: routeMessages, search: searchMessages }))
      for (const kind of Object.keys(kinds)) assert.ok(kept.has(`${channel} ${kind}`), `${channel} ${kind}`);
  });
});
