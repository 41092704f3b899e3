import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLink } from '../../../shared/base/links.ts';
import {
  addressName,
  shortKey,
  encodePath,
  linkParts,
  looksLikeLink,
  shortLink,
} from '../../../src-renderer/lib/link-text.ts';
import { demoLink } from '../../support/demo-things.ts';

test('groups of four, that together are the link', () => {
  const link = demoLink('a');
  const parts = linkParts(link);
  assert.ok(parts.groups.slice(0, -1).every((group) => group.length === 4));
  assert.equal(parts.scheme + parts.groups.join(''), link);
  assert.equal(parts.path, '');
});

test('what is shown in fours is read as the same link, in upper case too', () => {
  const link = demoLink('a');
  const shown = `broadside:${linkParts(link).groups.join(' ')}`;
  assert.deepEqual(parseLink(shown), parseLink(link));
  assert.deepEqual(parseLink(shown.toUpperCase()), parseLink(link));
});

test('a path stays whole and is shown decoded', () => {
  const parts = linkParts(`${demoLink('a')}/maps/plate%20II.html`);
  assert.equal(parts.path, '/maps/plate II.html');
  assert.ok(parts.groups.every((group) => group.length <= 4));
});

test('a path that cannot be decoded is shown as it is', () => {
  assert.equal(linkParts(`${demoLink('a')}/100%`).path, '/100%');
});

test('shortened', () => {
  assert.equal(shortLink('broadside:dumq7xktw2venb5h', 2), 'broadside:dumq 7xkt …');
  assert.equal(shortLink('broadside:dumq7xkt', 2), 'broadside:dumq 7xkt');
});

test('links are told from words', () => {
  assert.ok(looksLikeLink('  BROADSIDE:dumq'));
  assert.ok(!looksLikeLink('broadside ballads'));
  assert.ok(!looksLikeLink('harbour dredging'));
});

test('paths are encoded part by part', () => {
  assert.equal(encodePath('a b/c#d?.html'), 'a%20b/c%23d%3F.html');
});

test('pen names are shown by their names, and their keys in fours', () => {
  const key = `@${'abcd'.repeat(15)}`;
  assert.equal(addressName(`broadside:${key}/caf%C3%A9`), 'café');
  assert.equal(addressName(`broadside:${key}/100%`), '100%');
  assert.equal(shortKey(`${key}/x`, 2), '@abcd abcd …');
  assert.equal(shortKey(key), `@${Array.from({ length: 15 }, () => 'abcd').join(' ')}`);
});
