/**
 * Lists of shared files as people had them on Napster and Gnutella: names of music, books, films, pictures and programs, words and works by
 * Zipf's law (Chu, Labonte, Levine 2002), a part of them in other scripts. A work follows from its number, so that nothing is kept.
 */
import type { Random } from '../../../src-main/core/ports.ts';
import type { FileEntry } from '../../../src-main/core/search/entry.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** Words of all names; of a vocabulary of this size a million files use about half. */
const VOCABULARY = 400_000;
const CREATORS = 40_000;
const WORKS = 500_000;
const WORD_EXPONENT = 1;
const WORK_EXPONENT = 0.8;
const TODAY = 20_000;

const SYLLABLES = {
  latin:
    'ba be bi bo ca ce co da de di do fa fe fo ga ge go ha he hi ho ja jo ka ke ko la le li lo lu ma me mi mo mu na ne ni no pa pe po ra re ri ro ru sa se si so su ta te ti to tu va ve vi wa we wi an en in on ar er or al el st tion ment ing',
  accents: 'é è ö ü ñ ç ã á í ó ø å',
  cyrillic: 'ба ве ги до же за ли мо ну пе ро са ту фи хо це ча ше щи эк ю я ста ние ов ин',
  greek: 'αλ βε γι δο ζη θα κλ λο μα νε ξε πο ρα σι τω φυ χο ψη',
  kana: 'あ い う え お か き く け こ さ し す せ そ た ち つ て と な に ぬ ね の は ひ ふ へ ほ ま み む め も',
  han: '東 京 物 語 山 川 海 空 花 月 火 水 木 金 土 日 人 大 小 中 上 下 天 地 風 雨 雪 音 楽 書 学 国 時 間 新 古 心 愛 夢 光',
  arabic: 'ال كت اب من في عل ي مد ينة شم س قم ر بح ر نو ر صو ت',
};
type Script = keyof typeof SYLLABLES;
const LETTERS = new Map(Object.entries(SYLLABLES).map(([script, text]) => [script as Script, text.split(' ')]));
/** Of a hundred words; the rest is Latin. */
const SCRIPTS: readonly (readonly [Script, number])[] = [
  ['accents', 6],
  ['cyrillic', 6],
  ['greek', 2],
  ['kana', 2],
  ['han', 3],
  ['arabic', 3],
];

/** Cumulated shares of ranks, so that a draw is one search; `fraction` 0 ... 1. */
class Ranks {
  readonly #upTo: Float64Array;

  constructor(count: number, exponent: number) {
    this.#upTo = new Float64Array(count);
    let sum = 0;
    for (let rank = 0; rank < count; rank += 1) this.#upTo[rank] = sum += (rank + 1) ** -exponent;
  }

  draw(random: Random): number {
    const upTo = this.#upTo;
    const wanted = (random.below(2 ** 32) / 2 ** 32) * upTo[upTo.length - 1]!;
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

interface Work {
  readonly creator: string;
  readonly title: string;
  readonly name: string;
  readonly entry: FileEntry;
}

export class SharedNames {
  readonly #words = new Ranks(VOCABULARY, WORD_EXPONENT);
  readonly #creators = new Ranks(CREATORS, WORK_EXPONENT);
  readonly #works = new Ranks(WORKS, WORK_EXPONENT);
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Files of one sharer, with works by popularity, each once. */
  list(count: number): FileEntry[] {
    const numbers = new Set<number>();
    while (numbers.size < count) numbers.add(this.#works.draw(this.#random));
    return [...numbers].map((number) => this.#work(number).entry);
  }

  /** What people type, and what for. A third of it finds nothing; a few of a hundred are made of words that nearly all have. */
  query(): string {
    const random = this.#random;
    const work = this.#work(this.#works.draw(random));
    const words = work.title.split(' ');
    const some = words[random.below(words.length)]!;
    const kind = random.below(100);
    if (kind < 20) return `${work.creator} ${this.#wordOf(random.below(VOCABULARY), 77)}`;
    if (kind < 33) return `${some} ${this.#wordOf(VOCABULARY + random.below(VOCABULARY))}`;
    if (kind < 50) return work.creator;
    if (kind < 70) return `${work.creator} ${some}`;
    if (kind < 80) return `"${work.creator}"`;
    if (kind < 88)
      return `${
        [...work.creator]
          .slice(0, 3 + random.below(3))
          .join('')
          .trim()
          .split(' ')[0]
      }* ${some}`;
    if (kind < 92) return `${work.creator} type:audio size:>1MB`;
    if (kind < 95) return `${some} -${words[0] === some ? 'live' : words[0]}`;
    if (kind < 98) return ['mp3', 'music', 'live', 'mus*', 'the 01', 'jpg'][random.below(6)]!;
    return ['avi pdf', 'music books', 'mp3 books -live', 'mu* bo*'][random.below(4)]!;
  }

  #work(number: number): Work {
    const random = seededRandom(number * 2 + 1);
    const creatorRandom = seededRandom(this.#creators.draw(random) * 2 + 2_000_000);
    const creator = `${this.#word(creatorRandom)} ${this.#word(creatorRandom)}`;
    const title = Array.from({ length: 1 + random.below(5) }, () => this.#word(random)).join(' ');
    const kind = random.below(100);
    const [name, folder, sizeBytes] = this.#dress(kind, creator, title, random);
    const day = TODAY - random.below(700);
    return { creator, title, name, entry: { root: random.bytes(32), name, folder, sizeBytes, day } };
  }

  #dress(kind: number, creator: string, title: string, random: Random): [string, string, number] {
    const number = String(1 + random.below(20)).padStart(2, '0');
    const year = 1960 + random.below(66);
    if (kind < 62) return [`${number} - ${creator} - ${title}.mp3`, `Music/${creator}/${this.#word(random)}`, 5e6];
    if (kind < 70) return [`${creator} - ${title} (live ${year}).ogg`, `music/${creator}`, 6e6];
    if (kind < 78) return [`${creator} - ${title} (${year}).pdf`, `Books/${creator}`, 2e6];
    if (kind < 84) return [`${title}.${year}.x264.avi`, 'Video', 7e8];
    if (kind < 92) return [`IMG_${1_000 + random.below(9_000)} ${title}.jpg`, `Pictures/${year} ${title}`, 3e6];
    return [`${title.replaceAll(' ', '-')}-${random.below(9)}.${random.below(20)}.zip`, 'software', 2e7];
  }

  #word(random: Random): string {
    return this.#wordOf(this.#words.draw(random));
  }

  /** Word of a rank: the more common, the shorter. */
  #wordOf(rank: number, salt = 0): string {
    const random = seededRandom(rank * 7 + salt);
    const script = this.#scriptOf(random);
    const letters = LETTERS.get(script === 'accents' ? 'latin' : script)!;
    let word = '';
    const length = 2 + Math.floor(Math.log10(1 + rank) / 2) + random.below(2);
    for (let part = 0; part < length; part += 1) word += letters[random.below(letters.length)]!;
    const accents = LETTERS.get('accents')!;
    return script === 'accents' ? word + accents[random.below(accents.length)]! : word;
  }

  #scriptOf(random: Random): Script {
    let drawn = random.below(100);
    for (const [script, share] of SCRIPTS) {
      if (drawn < share) return script;
      drawn -= share;
    }
    return 'latin';
  }
}
