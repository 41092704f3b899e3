import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAwayTarget } from '../../../src-renderer/features/read/away-target.ts';
import { MAX_ZOOM, MIN_ZOOM, zoomBy } from '../../../src-renderer/features/read/zoom.ts';
import { readZoom } from '../../../src-main/host/electron/placement.ts';
import { readWebAddress } from '../../../src-main/host/electron/schemes.ts';

test('where a link leads: the host as the network gets it, without what only looks like one', () => {
  assert.deepEqual(readAwayTarget('https://bank.example@münchen.example:8080/a?b#c'), {
    kind: 'web',
    url: 'https://xn--mnchen-3ya.example:8080/a?b#c',
    before: 'https://',
    host: 'xn--mnchen-3ya.example:8080',
    after: '/a?b#c',
    encoded: true,
  });
  assert.equal(readAwayTarget('broadside:abc').kind, 'publication');
  assert.equal(readAwayTarget('BROADSIDE:file/abc').kind, 'direct');
  for (const other of ['mailto:a@b', 'javascript:x', 'file:///etc', 'x', '', 'data:text/html,x'])
    assert.equal(readAwayTarget(other).kind, 'other', other);
});

test('only web addresses go to the browser of the system', () => {
  assert.equal(readWebAddress('https://a.example/b'), 'https://a.example/b');
  for (const other of ['file:///etc/passwd', 'mailto:a@b', 'javascript:x', 'smb://a', 7, null, 'x'.repeat(9_000)])
    assert.equal(readWebAddress(other), undefined);
});

test('sizes go up and down by steps and stay within them', () => {
  assert.equal(zoomBy(1, 1), 1.1);
  assert.equal(zoomBy(1, -1), 0.9);
  assert.equal(zoomBy(MAX_ZOOM, 1), MAX_ZOOM);
  assert.equal(zoomBy(MIN_ZOOM, -1), MIN_ZOOM);
  assert.deepEqual([readZoom(MIN_ZOOM), readZoom(MAX_ZOOM)], [0.5, 3]);
  for (const wrong of [0, -1, 100, Number.NaN, '1', undefined]) assert.equal(readZoom(wrong), undefined);
});
