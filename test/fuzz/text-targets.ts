/** What people type and paste, and what browsers send. */
import { readFileSync } from 'node:fs';
import { formatFileLink, parseFileLink } from '../../shared/base/file-links.ts';
import { formatInvite, parseInvite } from '../../shared/base/invites.ts';
import { formatLink, parseLink } from '../../shared/base/links.ts';
import { formatAddress, parseAddress } from '../../shared/base/short-addresses.ts';
import { isSettingName, parseSetting, SETTINGS } from '../../shared/ipc/settings.ts';
import type { SettingName } from '../../shared/ipc/settings.ts';
import { formatQuery, parseQuery } from '../../src-main/core/search/query-text.ts';
import { readTarget } from '../../src-main/host/content/content.ts';
import { readRange } from '../../src-main/host/content/range.ts';
import { hostWords } from '../../src-main/host/words/words.ts';
import { decodeRemembered, encodeRemembered } from '../../src-main/services/lock/remembered.ts';
import { parseHostPort } from '../../src-main/transport/hyperswarm/addresses.ts';
import { text } from './target.ts';
import type { Target } from './target.ts';

/** Texts under `field` anywhere in a file of golden vectors. */
function vectorTexts(file: string, field: string): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inside] of Object.entries(value)) {
      if (name === field && typeof inside === 'string') found.push(inside);
      else look(inside);
    }
  };
  look(JSON.parse(readFileSync(new URL(`../vectors/${file}.json`, import.meta.url), 'utf8')));
  return found;
}

const LINKS = vectorTexts('link', 'link');
const QUERIES = [
  ...vectorTexts('query', 'text'),
  '"harbour board" -scan* kind:direct type:audio size:>1.5MB size:<1GiB age:<2w',
];
const RANGE_OF_BYTES = 1_000;
const settingNames = Object.keys(SETTINGS).filter(isSettingName);

export const TEXT_TARGETS: readonly Target[] = [
  text('link', LINKS, parseLink, formatLink),
  text('file link', vectorTexts('file-link', 'link'), parseFileLink, formatFileLink),
  text('invite', vectorTexts('invite', 'invite'), parseInvite, formatInvite),
  text('address', [...vectorTexts('address', 'address'), ...LINKS], parseAddress, (address) =>
    address.kind === 'publication' ? formatLink(address.link) : formatAddress(address),
  ),
  text(
    'query',
    QUERIES,
    (input) => {
      const parsed = parseQuery(input);
      if (parsed.ok) return { ok: true, value: parsed.query };
      const { from, to } = parsed.problem;
      if (!(from >= 0 && from <= to && to <= input.length)) throw new Error(`it points at ${from} ... ${to}`);
      return { ok: false, code: parsed.problem.code };
    },
    formatQuery,
  ),
  text(
    'range',
    ['bytes=0-99', 'bytes=-5', 'bytes=10-', 'bytes=0-0,5-6'],
    (input) => {
      const answer = readRange(input, RANGE_OF_BYTES);
      if (answer.kind !== 'part') return { ok: false, code: answer.kind };
      const { start, end } = answer;
      if (!(start >= 0 && start < end && end <= RANGE_OF_BYTES)) throw new Error(`${start} ... ${end}`);
      return { ok: true, value: answer };
    },
    undefined,
  ),
  text(
    'target of content',
    ['/', '/a/b.html', '/a%20b?find=x%26y', '/%E6%B8%AF#here', '/a/../b'],
    (input) => {
      const target = readTarget(input);
      if (target === undefined) return { ok: false, code: 'refused' };
      if (target.path.split('/').some((part) => part === '..' || part.includes('\0'))) throw new Error(target.path);
      return { ok: true, value: target };
    },
    undefined,
  ),
  text(
    'host and port',
    ['198.51.100.7:49737', '[::1]:49737', 'node.example:1'],
    (input) => {
      const value = parseHostPort(input);
      return value === undefined ? { ok: false, code: 'refused' } : { ok: true, value };
    },
    ({ host, port }) => `${host}:${port}`,
  ),
  text(
    'setting',
    [
      ...settingNames.map((name) => `${name}=${String(SETTINGS[name].default)}`),
      'transfer-schedule=22:00-07:00 up=0 down=0; 12:00-13:00 up=200000 user=50000',
    ],
    (input) => {
      const [name = '', ...rest] = input.split('=');
      if (!isSettingName(name)) return { ok: false, code: 'no setting' };
      const value = parseSetting(name, rest.join('='));
      return typeof value === 'object' ? { ok: false, code: 'refused' } : { ok: true, value: { name, value } };
    },
    ({ name, value }: { name: SettingName; value: unknown }) => `${name}=${String(value)}`,
  ),
  text(
    'key in the key store',
    ['{"version":1,"folder":"personal-00112233445566aa","sealed":"00ff10"}'],
    (input) => {
      const value = decodeRemembered(input);
      return value === undefined ? { ok: false, code: 'refused' } : { ok: true, value };
    },
    encodeRemembered,
  ),
  text(
    'languages that a browser takes',
    ['de-AT,de;q=0.9,en;q=0.8', 'ar-EG', 'fr, *;q=0.5', 'zh-Hant-TW', 'en'],
    (input) => {
      const words = hostWords('system', input);
      if (words.t('list.folder', { count: 2 }) === '') throw new Error(words.locale);
      return { ok: true, value: words.language };
    },
    undefined,
  ),
];
