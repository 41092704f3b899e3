/**
 * HTML and SVG made inert: sanitize-html keeps what is on the lists of allowed.ts; addresses, style sheets and links are
 * judged here, before it looks; and finish.ts, which shares no code with it, checks what it wrote and refuses it whole when it
 * finds one thing that should not be there.
 */
import sanitizeHtml from 'sanitize-html';
import { AWAY_PREFIX, judge } from './addresses.ts';
import {
  AHEAD_RELATIONS,
  DROPPED_WHOLE,
  EVERYWHERE,
  HTML_ATTRIBUTES,
  HTML_ELEMENTS,
  MATH_ATTRIBUTES,
  MATH_ELEMENTS,
  MATH_NAMESPACE,
  SHEET_RELATIONS,
  SVG_ATTRIBUTES,
  SVG_ELEMENTS,
  SVG_NAMESPACE,
  SVG_STYLED,
  VOID_ELEMENTS,
  XLINK_NAMESPACE,
} from './allowed.ts';
import { inertCss } from './css.ts';
import { finish, NotInert } from './finish.ts';
import type { MarkupOptions } from './markup-options.ts';
import { Tally } from './tally.ts';

/** Elements within elements, as many as Chromium itself keeps apart (kMaximumHTMLParserDOMTreeDepth). */
const MAX_DEPTH = 512;
/** Times that markup is read anew until it stays as it is. Fragments of attacks, put together at random, took up to four. */
const MAX_ROUNDS = 12;

type Attributes = Record<string, string>;

const DRAWN = new Set(SVG_ELEMENTS.map((name) => name.toLowerCase()));

/**
 * The content of an HTML document without doctype and declarations, which whoever sends it out puts before it. What this
 * makes of its own result is the same again. Throws NotInert.
 */
export function inertHtml(html: string, options: MarkupOptions): string {
  return untilStable('html', withoutControls(html), options);
}

/** An SVG document: XML, one element. As inertHtml. */
export function inertSvg(xml: string, options: MarkupOptions): string {
  // With the entities that it declares, which nothing here expands.
  const bare = withoutControls(xml).replace(/<!DOCTYPE[^[>]*(?:\[[^\]]*\]\s*)?>/gi, '');
  return untilStable('svg', bare, options).trim();
}

/** Elements that end others by being there, and are taken out, can be nested otherwise the second time; rarely a third. */
function untilStable(form: 'html' | 'svg', markup: string, options: MarkupOptions): string {
  let last = pass(form, markup, options);
  for (let round = 1; round < MAX_ROUNDS; round += 1) {
    const again = pass(form, last, { ...options, tally: new Tally() });
    if (again === last) return last;
    last = again;
  }
  throw new NotInert('markup that is never the same twice');
}

function pass(form: 'html' | 'svg', markup: string, options: MarkupOptions): string {
  return finish(sanitizeHtml(markup, optionsFor(form, options)), form, options);
}

/** Nothing reads them, and XML cannot hold them. */
function withoutControls(markup: string): string {
  // eslint-disable-next-line no-control-regex
  return markup.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '').replace(/\r\n?/g, '\n');
}

const lower = (list: readonly string[]): string[] => list.map((word) => word.toLowerCase());

const ALLOWED = {
  html: allowed([...HTML_ELEMENTS, ...lower(SVG_ELEMENTS), ...MATH_ELEMENTS], lower(SVG_ATTRIBUTES), (name) =>
    name.toLowerCase(),
  ),
  svg: allowed([...SVG_ELEMENTS, 'a', 'style'], SVG_ATTRIBUTES, (name) => name),
} as const;

function allowed(
  elements: readonly string[],
  svgAttributes: readonly string[],
  spell: (name: string) => string,
): { allowedTags: string[]; allowedAttributes: Record<string, string[]>; names: string[] } {
  const svg = new Set(SVG_ELEMENTS.map(spell));
  const math = new Set(MATH_ELEMENTS);
  const byElement: Record<string, string[]> = { '*': [...EVERYWHERE] };
  for (const element of elements) {
    byElement[element] = [
      ...(HTML_ATTRIBUTES[element] ?? []),
      ...(svg.has(element) || element === 'a' || element === 'style' ? svgAttributes : []),
      ...(math.has(element) ? MATH_ATTRIBUTES : []),
    ];
  }
  return {
    allowedTags: [...new Set(elements)],
    allowedAttributes: byElement,
    names: [...new Set(Object.values(byElement).flat())],
  };
}

function optionsFor(form: 'html' | 'svg', options: MarkupOptions): sanitizeHtml.IOptions {
  const { allowedTags, allowedAttributes, names } = ALLOWED[form];
  const writer = new AttributeWriter(form, options);
  return {
    allowedTags,
    allowedAttributes,
    // Each with a value, so that what is written is XML too and has one form. (Its types do not know this option.)
    ...{ allowedEmptyAttributes: names },
    nonBooleanAttributes: [],
    allowedSchemes: ['data'],
    allowedSchemesAppliedToAttributes: ['href', 'xlink:href', 'src', 'poster', 'background', 'cite'],
    allowProtocolRelative: false,
    selfClosing: form === 'html' ? VOID_ELEMENTS : [],
    disallowedTagsMode: 'discard',
    nonTextTags: DROPPED_WHOLE,
    nestingLimit: MAX_DEPTH,
    parseStyleAttributes: false,
    // finish.ts rewrites every sheet and checks that no '<' in it could begin a tag.
    allowVulnerableTags: true,
    enforceHtmlBoundary: false,
    exclusiveFilter: isEmptied,
    parser:
      form === 'html'
        ? {}
        : { xmlMode: true, lowerCaseTags: false, lowerCaseAttributeNames: false, recognizeCDATA: true },
    transformTags: {
      '*': (tagName, attribs) => ({
        tagName: writer.element(tagName, attribs),
        attribs: writer.attributes(tagName, attribs),
      }),
    },
  };
}

/**
 * Taken out by what they say and not by their name. (Not by another name: sanitize-html 2.18 then gives that name to the end
 * tag of a later element.)
 */
function isEmptied({ tag, attribs }: sanitizeHtml.IFrame): boolean {
  return (tag === 'link' && attribs['rel'] === undefined) || (tag === 'input' && attribs['type'] === undefined);
}

/** Judges each element's addresses and styles, and counts what is left out. */
class AttributeWriter {
  readonly #form: 'html' | 'svg';
  readonly #options: MarkupOptions;

  constructor(form: 'html' | 'svg', options: MarkupOptions) {
    this.#form = form;
    this.#options = options;
  }

  /** The name that it goes on under; one that is on no list takes the tag away. */
  element(name: string, attributes: Attributes): string {
    const { tally } = this.#options;
    switch (name.toLowerCase()) {
      case 'script':
        tally.block('script');
        return name;
      case 'iframe':
      case 'frame':
      case 'object':
      case 'embed':
      case 'applet':
      case 'portal':
      case 'fencedframe':
        tally.block('frame');
        return name;
      case 'form':
        tally.block('form');
        return name;
      case 'base':
        tally.block('hint');
        return name;
      case 'meta':
        if ((attributes['http-equiv'] ?? '').trim().toLowerCase() === 'refresh') tally.block('redirect');
        return name;
      case 'animate':
      case 'animatetransform':
      case 'animatemotion':
      case 'animatecolor':
      case 'set':
        tally.block('animation');
        return name;
      case 'xmp':
      case 'listing':
      case 'plaintext':
        return this.#form === 'html' ? 'pre' : name;
      default:
        return name;
    }
  }

  #isSheet(attributes: Attributes): boolean {
    const relations = (attributes['rel'] ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (relations.length > 0 && relations.every((word) => SHEET_RELATIONS.has(word))) {
      return relations.includes('stylesheet') || relations.includes('icon') || relations.includes('apple-touch-icon');
    }
    if (relations.some((word) => AHEAD_RELATIONS.test(word))) this.#options.tally.block('hint');
    return false;
  }

  attributes(tag: string, attributes: Attributes): Attributes {
    const { tally, from } = this.#options;
    const element = tag.toLowerCase();
    const kept: Attributes = {};
    // Without attributes, these are taken out by `isEmptied`.
    if (element === 'link' && !this.#isSheet(attributes)) return kept;
    if (element === 'input' && !/^(?:checkbox|radio)$/i.test(attributes['type'] ?? '')) return kept;
    for (const [name, value] of Object.entries(attributes)) {
      const bare = name.toLowerCase();
      if (bare.startsWith('on')) tally.block('script');
      else if (bare === 'ping' || bare === 'attributionsrc') tally.block('hint');
      else if (bare === 'style') {
        const style = inertCss(value, from, tally);
        if (style.trim() !== '') kept[name] = style;
      } else if (SVG_STYLED.has(bare)) kept[name] = inertCss(value, from, tally);
      else if (bare === 'href' || bare === 'xlink:href') Object.assign(kept, this.#reference(element, name, value));
      else if (bare === 'src' || bare === 'poster' || bare === 'background') {
        const text = this.#loaded(element, bare, value);
        if (text !== undefined) kept[name] = text;
      } else if (bare === 'srcset') {
        const text = this.#candidates(value);
        if (text !== undefined) kept[name] = text;
      } else if (bare === 'cite') {
        const judged = judge(value, from);
        if (judged.kind === 'inside') kept[name] = judged.text;
      } else if (!bare.startsWith('xmlns')) kept[name] = value;
    }
    if (element === 'svg') {
      kept['xmlns'] = SVG_NAMESPACE;
      kept['xmlns:xlink'] = XLINK_NAMESPACE;
    } else if (element === 'math') kept['xmlns'] = MATH_NAMESPACE;
    return kept;
  }

  /** href: of links, of sheets, and of what SVG draws again. */
  #reference(element: string, name: string, value: string): Attributes {
    const { tally, from, purpose } = this.#options;
    const judged = judge(value, from);
    if (element === 'a' || element === 'area') {
      if (judged.kind === 'inside') {
        if (judged.path !== undefined) tally.refer(judged.path);
        return { [name]: judged.text };
      }
      if (judged.kind === 'data' || judged.script) {
        tally.block(judged.kind === 'away' ? 'script' : 'frame');
        return {};
      }
      if (purpose === 'save') return { title: judged.address };
      return { [name]: `${AWAY_PREFIX}${encodeURIComponent(judged.address.toWellFormed())}` };
    }
    if (element === 'link') {
      if (judged.kind === 'inside' && judged.path !== undefined) {
        tally.refer(judged.path);
        return { [name]: judged.text };
      }
      tally.block('style');
      return {};
    }
    if (element === 'image' || element === 'img') {
      const text = this.#loaded('img', 'src', value);
      return text === undefined ? {} : { [name]: text };
    }
    if (!DRAWN.has(element)) return {};
    // What is drawn again (use, textPath, gradients) must be of this document: another is another one to get right.
    if (judged.kind === 'inside' && judged.path === undefined) return { [name]: judged.text };
    tally.block('picture');
    return {};
  }

  #loaded(element: string, attribute: string, value: string): string | undefined {
    const { tally, from } = this.#options;
    const isMedia = attribute === 'src' && ['video', 'audio', 'source', 'track'].includes(element);
    const judged = judge(value, from);
    if (judged.kind === 'inside') {
      if (judged.path === undefined) return undefined;
      tally.refer(judged.path);
      return judged.text;
    }
    if (judged.kind === 'data' && (isMedia ? /^(?:audio|video)\// : /^image\//).test(judged.type)) return judged.text;
    // Taken out whole with its element, which is counted.
    if (element !== 'iframe' && element !== 'script' && element !== 'frame' && element !== 'embed')
      tally.block(isMedia ? 'media' : 'picture');
    return undefined;
  }

  /** All or nothing: `src` is there beside it. */
  #candidates(value: string): string | undefined {
    const { tally, from } = this.#options;
    const candidates = value
      .split(',')
      .map((candidate) => candidate.trim())
      .filter((candidate) => candidate !== '');
    const written: string[] = [];
    for (const candidate of candidates) {
      const [address = '', ...descriptors] = candidate.split(/\s+/);
      const judged = judge(address, from);
      if (judged.kind !== 'inside' || !descriptors.every((descriptor) => /^[\d.]+[wxh]$/.test(descriptor))) {
        tally.block('picture');
        return undefined;
      }
      if (judged.path !== undefined) tally.refer(judged.path);
      written.push([judged.text, ...descriptors].join(' '));
    }
    return written.length === 0 ? undefined : written.join(', ');
  }
}
