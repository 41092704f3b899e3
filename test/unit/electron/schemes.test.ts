/** What the Electron host lets go where: decided without Electron. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  APP_URL,
  MAX_LINK_LENGTH,
  contentUrlOf,
  fromContent,
  fromInterface,
  isInterface,
  linkFromArguments,
  mayRequest,
  readContentAddress,
  readLink,
} from '../../../src-main/host/electron/schemes.ts';

const A = 'abcdefghijklmnop';
const B = 'qrstuvwxyz234567';
const C = 'zzzzzzzzzzzzzzzz';
const isSame = (label: string, other: string): boolean => [label, other].every((each) => each === A || each === B);

test('a link among the arguments of a process is found, whatever stands around it', () => {
  assert.equal(linkFromArguments(['/opt/broadside', '--no-sandbox', 'broadside:abc']), 'broadside:abc');
  assert.equal(linkFromArguments(['broadside.exe', 'BROADSIDE:ABC', 'broadside:second']), 'BROADSIDE:ABC');
  assert.equal(linkFromArguments(['broadside', '--data', '/home/broadside']), undefined);
  assert.equal(linkFromArguments(['https://example.org/#broadside:abc']), undefined);
  assert.equal(linkFromArguments([]), undefined);
});

test('a link that is longer than the contract takes is none', () => {
  const longest = `broadside:${'a'.repeat(MAX_LINK_LENGTH - 'broadside:'.length)}`;
  assert.equal(readLink(longest), longest);
  assert.equal(readLink(`${longest}a`), undefined);
});

test('addresses of content are read strictly', () => {
  assert.deepEqual(readContentAddress(`${contentUrlOf(A)}a%20b.html?save`), { label: A, target: '/a%20b.html?save' });
  assert.deepEqual(readContentAddress(contentUrlOf(A)), { label: A, target: '/' });
  for (const wrong of [
    `broadside-content://user@${A}/`,
    `broadside-content://${A}:80/`,
    'broadside-content://short/',
    `broadside-content://${A}.other/`,
    `https://${A}/`,
    `file:///${A}`,
    `broadside-app://${A}/`,
    'nonsense',
    '',
  ]) {
    assert.equal(readContentAddress(wrong), undefined, wrong);
  }
});

test('content stays within its publication, may name links, and goes nowhere else', () => {
  const here = contentUrlOf(A);
  assert.deepEqual(fromContent(here, `${here}next.html`, isSame), { kind: 'stay' });
  assert.deepEqual(fromContent(here, `${contentUrlOf(B)}?file=a.pdf`, isSame), { kind: 'stay' });
  assert.deepEqual(fromContent(here, contentUrlOf(C), isSame), { kind: 'refuse' });
  assert.deepEqual(fromContent(here, 'broadside:abc', isSame), { kind: 'link', link: 'broadside:abc' });
  for (const away of [
    'https://example.org/',
    'http://127.0.0.1/',
    APP_URL,
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'about:blank',
    'mailto:a@b.c',
    'devtools://devtools/',
  ]) {
    assert.deepEqual(fromContent(here, away, isSame), { kind: 'refuse' }, away);
  }
  assert.deepEqual(fromContent('', here, isSame), { kind: 'stay' });
  assert.deepEqual(fromContent('https://example.org/', here, isSame), { kind: 'refuse' });
});

test('the interface stays on its own origin', () => {
  assert.deepEqual(fromInterface(APP_URL), { kind: 'stay' });
  assert.deepEqual(fromInterface(`${APP_URL}#/network`), { kind: 'stay' });
  assert.deepEqual(fromInterface('broadside:abc'), { kind: 'link', link: 'broadside:abc' });
  for (const away of [
    'https://example.org/',
    contentUrlOf(A),
    'broadside-app://other/index.html',
    'broadside-app://u@app/',
    'file:///',
    'javascript:alert(1)',
  ]) {
    assert.deepEqual(fromInterface(away), { kind: 'refuse' }, away);
  }
});

test('no session requests from the network', () => {
  for (const kind of ['interface', 'content'] as const) {
    for (const away of [
      'https://example.org/',
      'http://127.0.0.1:80/',
      'ws://127.0.0.1/',
      'ftp://a/',
      'file:///etc/passwd',
      'chrome-extension://a/b',
    ]) {
      assert.equal(mayRequest(kind, away), false, `${kind} ${away}`);
    }
  }
  assert.equal(mayRequest('interface', APP_URL), true);
  assert.equal(mayRequest('interface', contentUrlOf(A)), false);
  assert.equal(mayRequest('content', contentUrlOf(A)), true);
  assert.equal(mayRequest('content', APP_URL), false);
});

test('an address that only begins like the interface is not the interface', () => {
  assert.equal(isInterface('broadside-app://app.evil/'), false);
  assert.equal(isInterface('broadside-app://app@evil/'), false);
  assert.equal(isInterface('broadside-app://app/'), true);
});
