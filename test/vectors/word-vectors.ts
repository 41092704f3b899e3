/** Golden vectors of words, queries and links of shared files (docs/spec/search.md). */
import { toHex } from '../../shared/base/bytes.ts';
import { formatFileLink } from '../../shared/base/file-links.ts';
import type { FileLink } from '../../shared/base/file-links.ts';
import { formatQuery, parseQuery } from '../../src-main/core/search/query-text.ts';
import { queryWordsOf, tableWordsOf, wordsOf } from '../../src-main/core/search/words.ts';

const TEXTS = [
  'Harbour_Minutes-1911 (final).PDF',
  'Élan ŒUVRE Straße Đặng Łódź Þór İstanbul ıspanak',
  'ΟΔΟΣ οδός',
  'Чайковский Ёлка',
  'مُحَاضَر لجنة المرفأ، ١٩١١',
  'کتابی كتابي',
  'שָׁלוֹם',
  'हिन्दी कुल',
  'สวัสดีครับ',
  '東京都庁 2024年報告',
  'ガラス ｶﾞﾗｽ ラーメン',
  '한국어 검색',
  '🎄👩‍👧🇩🇪 ＦＵＬＬ ｗｉｄｔｈ',
  'so\u00adft\u200bhyphen',
  'x'.repeat(50),
];

const QUERIES = [
  'Harbour  dredging',
  '"Harbour board" -scan* kind:direct type:picture,audio size:>1.5MB size:<1GiB age:<2w',
  "don't 東京都 東 -스",
];

const ROOT = Uint8Array.from({ length: 32 }, (_, index) => index);
const LINKS: readonly FileLink[] = [
  { root: ROOT },
  { root: ROOT, name: 'Harbour board (1911), é.pdf', sizeBytes: 212_000_000 },
];

export function wordVectors(): object[] {
  return TEXTS.map((text) => {
    const words = wordsOf(text);
    return { text, words, queryWords: queryWordsOf(text), tableWords: [...new Set(words.flatMap(tableWordsOf))] };
  });
}

export function queryVectors(): object[] {
  return QUERIES.map((text) => {
    const parsed = parseQuery(text);
    if (!parsed.ok) throw new Error(`not a query: ${text}`);
    return { text, query: parsed.query, spelling: formatQuery(parsed.query) };
  });
}

export function fileLinkVectors(): object[] {
  return LINKS.map((link) => ({ ...link, root: toHex(link.root), link: formatFileLink(link) }));
}
