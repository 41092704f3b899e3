/** The words by which a listing is found besides its title: as somebody types them, and as they are listed. */
import { t } from './messages/translate.ts';

/** Of a listing (docs/spec/search.md): as many, and each as long in UTF-8. */
const MAX_KEYWORDS = 16;
const MAX_KEYWORD_BYTES = 64;

/** Each once, without the blanks round it. */
export function splitKeywords(text: string): string[] {
  return [...new Set(text.split(/[,،、;\n]/u).map((word) => word.trim()))].filter((word) => word !== '');
}

export function keywordProblem(text: string): string | undefined {
  const keywords = splitKeywords(text);
  if (keywords.length > MAX_KEYWORDS) return t('publish.tooManyKeywords', { limit: MAX_KEYWORDS });
  const long = keywords.find((word) => new TextEncoder().encode(word).length > MAX_KEYWORD_BYTES);
  return long === undefined ? undefined : t('publish.longKeyword', { word: long });
}
