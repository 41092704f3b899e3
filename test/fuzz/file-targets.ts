/** Files of publishers and readers: pictures, documents, archives, pages. The threads that read them may refuse; they may not hang. */
import { bytesEqual } from '../../shared/base/bytes.ts';
import { inertDocument } from '../../src-main/workers/inert/document.ts';
import { NotInert } from '../../src-main/workers/inert/finish.ts';
import type { InertRequest } from '../../src-main/workers/inert/messages.ts';
import { Findings, MetadataProblem } from '../../src-main/workers/metadata/findings.ts';
import { stripSvg } from '../../src-main/workers/metadata/markup.ts';
import { lookAtOffice } from '../../src-main/workers/metadata/office.ts';
import { lookAtPicture, pictureKind, stripPicture } from '../../src-main/workers/metadata/pictures.ts';
import { hostileCases } from '../hostile/cases.ts';
import { avif, docx, HTML_FILE, jpeg, odt, png, SVG_FILE, webp } from '../support/metadata-files.ts';
import type { Target } from './target.ts';

const encoder = new TextEncoder();
/** Documents are parsed whole, some several times. */
const SLOW = 0.002;
const CASES = hostileCases('http://outside.example');

/** Refusing is an answer; to run out of stack or memory is none. */
function refusal(thrown: unknown): string {
  if (thrown instanceof MetadataProblem) return thrown.reason;
  if (!(thrown instanceof Error) || /call stack|allocation|array length/i.test(thrown.message)) throw thrown;
  return thrown.constructor.name;
}

function pictures(name: string, samples: readonly Uint8Array[]): Target {
  return {
    name,
    samples: () => samples,
    share: 0.02,
    feed: (input) => {
      const kind = pictureKind(input);
      if (kind === undefined) return 'no picture';
      try {
        lookAtPicture(kind, input, new Findings());
      } catch (thrown) {
        refusal(thrown);
      }
      let stripped: Uint8Array | undefined;
      try {
        stripped = stripPicture(kind, input);
      } catch (thrown) {
        return refusal(thrown);
      }
      if (stripped === undefined) return 'not stripped';
      const again = stripPicture(kind, stripped);
      if (again === undefined || !bytesEqual(again, stripped)) throw new Error('what was stripped is stripped again');
      return `stripped ${Math.ceil(Math.log2(stripped.length + 1))}`;
    },
  };
}

/** What comes out has nothing more to take out. */
function inert(kind: InertRequest['kind'], samples: readonly string[]): Target {
  const make = (bytes: Uint8Array) => inertDocument({ kind, path: 'dir/page.html', purpose: 'show', bytes });
  return {
    name: `inert ${kind}`,
    samples: () => samples.map((sample) => encoder.encode(sample)),
    share: SLOW,
    feed: (input) => {
      try {
        const made = make(input);
        const markup = new TextDecoder().decode(made.bytes);
        if (
          kind !== 'text' &&
          /<script|<iframe|<object|<embed|javascript:|[\s"'/]on[a-z]+\s*=\s*["']/i.test(tagsOf(markup))
        )
          throw new Error(`it let through: ${markup.slice(0, 500)}`);
        return `made, ${made.blocked.map(({ kind: what }) => what).join(' ')}`;
      } catch (thrown) {
        if (thrown instanceof NotInert) return 'refused';
        throw thrown;
      }
    },
  };
}

/** Markup without its text: words about scripts are none. */
function tagsOf(markup: string): string {
  return (markup.match(/<[a-z!/][^>]*>/gi) ?? []).map((tag) => tag.replace(/="[^"]*"/g, '=""')).join('');
}

const bodies = (...types: readonly string[]): string[] =>
  CASES.filter(({ type }) => types.includes(type)).map(({ body }) => body);

export const FILE_TARGETS: readonly Target[] = [
  pictures('jpeg', [jpeg()]),
  pictures('png', [png()]),
  pictures('webp', [webp()]),
  pictures('avif', [avif()]),
  {
    name: 'office',
    samples: () => [docx(), odt()],
    share: SLOW,
    feed: (input) => {
      try {
        return lookAtOffice(input, new Findings()) ?? 'looked';
      } catch (thrown) {
        return refusal(thrown);
      }
    },
  },
  {
    name: 'svg stripped',
    samples: () => [encoder.encode(SVG_FILE)],
    share: SLOW,
    feed: (input) => {
      try {
        return `stripped ${Math.ceil(Math.log2(stripSvg(input).length))}`;
      } catch (thrown) {
        return refusal(thrown);
      }
    },
  },
  inert('html', [HTML_FILE, ...bodies('text/html')]),
  inert('svg', [SVG_FILE, ...bodies('image/svg+xml')]),
  inert('css', bodies('text/css')),
  inert('markdown', bodies('text/markdown')),
];
