import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { answerContent } from '../../../src-main/host/content/content.ts';
import { attachment, collect } from '../../../src-main/host/content/file-bytes.ts';
import { hostWords } from '../../../src-main/host/words/words.ts';
import type { ContentAnswer } from '../../../src-main/host/content/answer.ts';
import { readRange } from '../../../src-main/host/content/range.ts';
import { inertDocument } from '../../../src-main/workers/inert/document.ts';
import type { InertRequest } from '../../../src-main/workers/inert/messages.ts';
import { MAX_DOCUMENT_BYTES } from '../../../src-main/workers/inert/pool.ts';
import { servedPublication } from '../../support/served-publication.ts';

const options = {
  appOrigins: ['http://127.0.0.1:1'],
  allowTopLevel: false,
  inert: async (request: InertRequest) => inertDocument(request),
  viewerUrl: (path: string) => `http://viewer/?file=${encodeURIComponent(path)}`,
};
const body2500 = Uint8Array.from({ length: 2500 }, (_, index) => index % 251);

const site = servedPublication(
  {
    'index.html': { type: 'text/html', body: '<h1>Home</h1>' },
    'sub/index.html': { type: 'text/html', body: 'sub' },
    'sub/style.css': { type: 'text/css', body: 'p{}' },
    'data/a b.bin': { type: 'application/x-thing', body: body2500 },
    'data/<img src=x>.txt': { type: 'text/plain', body: 'hello' },
    'pic.svg': { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>' },
    'pic.png': { type: 'image/png', body: body2500 },
    'movie.mp4': { type: 'video/mp4', body: body2500 },
    'page.xhtml': { type: 'application/xhtml+xml', body: '<html/>' },
    'code.js': { type: 'text/javascript', body: 'x()' },
    'doc.pdf': { type: 'application/pdf', body: '%PDF' },
    'utf16.html': { type: 'text/html', body: new Uint8Array([0xff, 0xfe, 0x3c, 0]) },
    'notes.md': {
      type: 'text/markdown',
      body: '# Head\n\n<script>x</script> [out](http://x/) [in](a.md) [js](javascript:x) ![p](http://x/p.png)',
    },
    'lies.html': { type: 'TEXT/HTML; charset=utf-16', body: 'x' },
    inject: { type: 'text/html\r\nset-cookie: a=b', body: 'x' },
  },
  { shape: 'site', index: 'index.html' },
);

async function ask(
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
  publication: typeof site | undefined = site,
): Promise<ContentAnswer & { text: string; bytes: Uint8Array }> {
  const answer = await answerContent(
    publication,
    { method, target, headers: { 'sec-fetch-dest': 'iframe', ...headers } },
    options,
  );
  const parts: Uint8Array[] = [];
  if (answer.body instanceof Uint8Array) parts.push(answer.body);
  else if (answer.body !== undefined) for await (const part of answer.body) parts.push(part);
  const bytes = new Uint8Array(Buffer.concat(parts));
  return { ...answer, bytes, text: new TextDecoder().decode(bytes) };
}

describe('types', () => {
  const cases: [target: string, destination: string, type: string][] = [
    ['/', 'iframe', 'text/html; charset=utf-8'],
    ['/sub/', 'iframe', 'text/html; charset=utf-8'],
    ['/lies.html', 'iframe', 'text/html; charset=utf-8'],
    ['/sub/style.css', 'style', 'text/css; charset=utf-8'],
    ['/sub/style.css', 'iframe', 'text/plain; charset=utf-8'],
    ['/pic.png', 'image', 'image/png'],
    ['/pic.svg', 'image', 'image/svg+xml'],
    ['/pic.svg', 'iframe', 'text/html; charset=utf-8'],
    ['/movie.mp4', 'video', 'video/mp4'],
    ['/page.xhtml', 'iframe', 'text/plain; charset=utf-8'],
    ['/code.js', 'script', 'text/plain; charset=utf-8'],
    ['/doc.pdf', 'embed', 'text/html; charset=utf-8'],
    ['/doc.pdf', 'image', 'application/octet-stream'],
    ['/utf16.html', 'iframe', 'text/html; charset=utf-8'],
    ['/page.xhtml?source', 'iframe', 'text/html; charset=utf-8'],
    ['/inject', 'image', 'application/octet-stream'],
    ['/data/a%20b.bin', 'image', 'application/octet-stream'],
    ['/notes.md', 'iframe', 'text/html; charset=utf-8'],
  ];
  for (const [target, destination, type] of cases) {
    it(`${target} as ${destination}`, async () => {
      const answer = await ask(target, { 'sec-fetch-dest': destination });
      if (target === '/doc.pdf' && destination === 'embed') {
        assert.equal(answer.status, 302);
        assert.equal(answer.headers['location'], 'http://viewer/?file=doc.pdf');
        return;
      }
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-type'], type);
    });
  }

  it('every answer, errors too, carries the policy and allows no script', async () => {
    const answers = [
      await ask('/'),
      await ask('/pic.svg'),
      await ask('/none'),
      await ask('/', {}, 'POST'),
      await ask('/', { 'sec-fetch-dest': 'document' }),
      await ask('/%'),
      await ask('/', {}, 'GET', undefined),
      await ask('/?away=http%3A%2F%2Fx'),
      await ask('/data/'),
      await ask('/?save'),
      await ask('/pic.png', { range: 'bytes=9999-' }),
    ];
    for (const answer of answers) {
      const policy = answer.headers['content-security-policy']!;
      assert.match(policy, /^default-src 'none';/);
      assert.doesNotMatch(policy, /script-src|allow-scripts|connect-src|\*/);
      assert.match(policy, /frame-ancestors http:\/\/127\.0\.0\.1:1;/);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.equal(answer.headers['referrer-policy'], 'no-referrer');
      assert.equal(answer.headers['x-dns-prefetch-control'], 'off');
      assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
      assert.doesNotMatch(Object.values(answer.headers).join('\n'), /\r|set-cookie/i);
    }
  });
});

describe('paths', () => {
  it('the same file by any encoding of its name, and none by another', async () => {
    assert.equal((await ask('/data/a%20b.bin')).status, 200);
    assert.equal((await ask('/data/%61%20b.bin', { 'sec-fetch-dest': 'image' })).bytes.length, 2500);
    for (const target of [
      '/data/../index.html',
      '/..%2f..%2fetc/passwd',
      '/%00',
      '/%zz',
      'index.html',
      'http://x/',
      `/${'a'.repeat(20_000)}`,
    ]) {
      assert.equal((await ask(target)).status, 400, target);
    }
    for (const target of ['/nothing', '/index.html/', '/Index.html', '//index.html', '/sub/index.html/x'])
      assert.equal((await ask(target)).status, 404, target);
  });

  it('lists a folder without an index, escaped, and sends it to its slash', async () => {
    assert.equal((await ask('/data')).headers['location'], '/data/');
    const listing = await ask('/data/');
    assert.match(listing.text, /2\.5 kB/);
    assert.match(listing.text, /&lt;img src=x&gt;\.txt/);
    assert.doesNotMatch(listing.text, /<img/);
    assert.match(listing.text, /href="\.\/a%20b\.bin"/);
  });

  it('a publication of one file answers at its root', async () => {
    const one = servedPublication({ 'only.txt': { type: 'text/plain', body: 'only' } }, { shape: 'file' });
    const answer = await answerContent(
      one,
      { method: 'GET', target: '/', headers: { 'sec-fetch-dest': 'iframe' } },
      options,
    );
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    const page = new TextDecoder().decode(await collect(answer.body as AsyncIterable<Uint8Array>));
    assert.match(page, /<pre class="text" dir="auto">\nonly<\/pre>/);
  });

  it('a tab of its own is refused, except to save', async () => {
    assert.equal((await ask('/', { 'sec-fetch-dest': 'document' })).status, 403);
    const saved = await ask('/index.html?save', { 'sec-fetch-dest': 'document' });
    assert.equal(saved.status, 200);
    assert.equal(saved.headers['content-type'], 'application/octet-stream');
    assert.equal(
      saved.headers['content-disposition'],
      `attachment; filename="index.html"; filename*=UTF-8''index.html`,
    );
    assert.equal(saved.text, '<h1>Home</h1>');
  });

  it('a name with quotes, percent signs and other scripts is quoted as RFC 6266 says', () => {
    const { 'content-disposition': header } = attachment({ path: `a/ä"'%\\\r\n東.txt`, type: '', sizeBytes: 0 });
    assert.equal(header, `attachment; filename="__'_____.txt"; filename*=UTF-8''%C3%A4%22%27%25%5C%0D%0A%E6%9D%B1.txt`);
  });
});

describe('Markdown', () => {
  it('is laid out without its HTML, and its links stay inside', async () => {
    const { text } = await ask('/notes.md');
    assert.match(text, /<h1>Head<\/h1>/);
    assert.match(text, /&lt;script&gt;/);
    assert.doesNotMatch(text, /<script/);
    assert.match(text, /<a href="\/\?away=http%3A%2F%2Fx%2F">out<\/a>/);
    assert.match(text, /<a href="a\.md">in<\/a>/);
    assert.doesNotMatch(text, /href="javascript/);
  });
});

describe('what a page is asked for as', () => {
  const page = servedPublication(
    {
      'index.html': {
        type: 'text/html',
        body: '<!doctype html><title>T</title><script>x()</script><p onclick="y()">Words <b>and</b> words<img src="//evil.example/x">',
      },
      'big.html': { type: 'text/html', body: new Uint8Array(MAX_DOCUMENT_BYTES + 1) },
    },
    { shape: 'site', index: 'index.html' },
  );
  const asked = (target: string, more: object = {}) =>
    answerContent(page, { method: 'GET', target, headers: { 'sec-fetch-dest': 'iframe' } }, { ...options, ...more });
  const textOf = (answer: ContentAnswer): string => new TextDecoder().decode(answer.body as Uint8Array);

  it('shown: inert, and what was left out is told', async () => {
    const answer = await asked('/');
    assert.equal(
      textOf(answer),
      '<!doctype html>\n<meta charset="utf-8"><title>T</title><p>Words <b>and</b> words<img /></p>',
    );
    assert.deepEqual(answer.told, {
      kind: 'page',
      path: '',
      blocked: [
        { kind: 'script', count: 2 },
        { kind: 'picture', count: 1 },
      ],
    });
  });

  it('saved as published, and saved inert with a policy of its own', async () => {
    const inert = await asked('/index.html?inert');
    assert.match(inert.headers['content-disposition']!, /index\.html/);
    assert.equal(inert.headers['content-type'], 'application/octet-stream');
    assert.match(textOf(inert), /^<!doctype html>\n<meta charset="utf-8"><meta http-equiv="Content-Security-Policy"/);
    assert.doesNotMatch(textOf(inert), /script>|evil|onclick/);
    assert.equal(inert.told, undefined);
  });

  it('its source, as text with a row for each line', async () => {
    const text = textOf(await asked('/index.html?source'));
    assert.match(text, /<ol class="lines"><li>&lt;!doctype html&gt;&lt;title&gt;/);
    assert.doesNotMatch(text, /<script/);
  });

  it('with words marked, told how many', async () => {
    const answer = await asked(`/index.html?find=${encodeURIComponent('WORDS and')}`);
    assert.match(textOf(answer), /<mark class="broadside-found" id="broadside-found-1">Words <\/mark><b><mark/);
    assert.equal((answer.told as { found?: number }).found, 1);
    assert.equal(((await asked('/?find=nowhere')).told as { found?: number }).found, 0);
  });

  it('too large: says so, and can be saved', async () => {
    const answer = await asked('/big.html');
    assert.equal(answer.status, 413);
    assert.match(textOf(answer), /Too large to be shown/);
    assert.equal((await asked('/big.html?save')).status, 200);
  });

  it('a link that leads away: where somebody asks, the frame stays; else a page tells where it leads', async () => {
    const away = '/?away=https%3A%2F%2Fevil.example%2F%3Cb%3E';
    const answer = await asked(away, { asksForLinks: true });
    assert.equal(answer.status, 204);
    assert.deepEqual(answer.told, { kind: 'away', address: 'https://evil.example/<b>' });
    assert.match(textOf(await asked(away)), /https:\/\/evil\.example\/&lt;b&gt;/);
  });
});

describe('ranges', () => {
  it('answers one range with its bytes', async () => {
    const cases: [header: string, status: number, range: string | undefined, start: number, end: number][] = [
      ['bytes=0-0', 206, 'bytes 0-0/2500', 0, 1],
      ['bytes=1000-', 206, 'bytes 1000-2499/2500', 1000, 2500],
      ['bytes=-500', 206, 'bytes 2000-2499/2500', 2000, 2500],
      ['bytes=-9999', 206, 'bytes 0-2499/2500', 0, 2500],
      ['bytes=2499-99999', 206, 'bytes 2499-2499/2500', 2499, 2500],
      ['bytes=0-1,5-6', 200, undefined, 0, 2500],
      ['bytes=5-4', 200, undefined, 0, 2500],
      ['lines=1-2', 200, undefined, 0, 2500],
      ['bytes=2500-', 416, 'bytes */2500', 0, 0],
      ['bytes=-0', 416, 'bytes */2500', 0, 0],
    ];
    for (const [header, status, range, start, end] of cases) {
      const answer = await ask('/movie.mp4', { range: header, 'sec-fetch-dest': 'video' });
      assert.equal(answer.status, status, header);
      assert.equal(answer.headers['content-range'], range, header);
      assert.equal(answer.headers['content-length'], String(end - start), header);
      assert.deepEqual(answer.bytes, body2500.slice(start, end), header);
      assert.equal(answer.headers['accept-ranges'], 'bytes');
    }
  });

  it('an empty file has no range', () => {
    assert.deepEqual(readRange('bytes=0-', 0), { kind: 'unsatisfiable' });
    assert.deepEqual(readRange('bytes=-1', 0), { kind: 'unsatisfiable' });
    assert.deepEqual(readRange(undefined, 0), { kind: 'whole' });
  });

  it('the entity tag is of the content: 304 when it is the same, and a stale If-Range gives the whole', async () => {
    const { headers } = await ask('/pic.png', { 'sec-fetch-dest': 'image' });
    assert.equal((await ask('/pic.png', { 'if-none-match': `W/${headers['etag']}` })).status, 304);
    assert.equal((await ask('/pic.png', { 'if-none-match': '"other"' })).status, 200);
    assert.equal((await ask('/pic.png', { range: 'bytes=0-1', 'if-range': headers['etag']! })).status, 206);
    assert.equal((await ask('/pic.png', { range: 'bytes=0-1', 'if-range': '"other"' })).status, 200);
  });

  it('HEAD reads nothing', async () => {
    const before = site.reads.length;
    const answer = await ask('/pic.png', {}, 'HEAD');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-length'], '2500');
    assert.equal(answer.bytes.length, 0);
    assert.equal(site.reads.length, before);
  });
});

describe('content that cannot be had', () => {
  for (const [code, status] of [
    ['not-found', 404],
    ['busy', 503],
    ['damaged', 503],
  ] as const) {
    it(`${code} before the first byte is an error page: ${status}`, async () => {
      const broken = {
        ...site,
        read: async function* (): AsyncGenerator<Uint8Array> {
          const nothing: Uint8Array[] = [];
          yield* nothing;
          throw new BroadsideError(code, 'Block 3 of 7 is not there. Try again later.');
        },
      };
      const answer = await ask('/pic.png', {}, 'GET', broken);
      assert.equal(answer.status, status);
      assert.match(answer.text, /Block 3 of 7/);
    });
  }
});

describe('plain text', () => {
  const textOf = async (body: string | Uint8Array, more: Record<string, string> = {}) => {
    const one = servedPublication({ 'a.txt': { type: 'text/plain', body } }, { shape: 'file' });
    const headers = { 'sec-fetch-dest': 'iframe', ...more };
    return answerContent(one, { method: 'GET', target: '/a.txt', headers }, options);
  };
  const pageOf = async (body: string | Uint8Array): Promise<string> => {
    const answer = await textOf(body);
    return new TextDecoder().decode(await collect(answer.body as AsyncIterable<Uint8Array>));
  };

  it('is shown as it is written, each line from its own side, and nothing in it is markup', async () => {
    const written = '\nالفصل الأول\n\nA line.\r\n</pre><script>alert(1)</script><!-- & "quotes" -->\nשורה';
    const page = await pageOf(written);
    const inner = /<pre class="text" dir="auto">\n([\s\S]*)<\/pre>/.exec(page)![1]!;
    assert.equal(
      inner.replace(
        /&(lt|gt|quot|#39|amp);/g,
        (_, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[name]!,
      ),
      written,
    );
    assert.doesNotMatch(page, /<script|<!--/);
    assert.equal(page.match(/<\/pre>/g)?.length, 1);
  });

  it('is whole, whatever its length and wherever it is cut on its way', async () => {
    const letters = 'ש<ا&é😀\n'.repeat(40_000);
    const page = await pageOf(letters);
    assert.equal(page.match(/ש&lt;ا&amp;é😀/g)?.length, 40_000);
    // What is no UTF-8 is shown as that, to its end.
    assert.match(await pageOf(new Uint8Array([0x61, 0xff, 0x62, 0xd7])), /a\ufffdb\ufffd<\/pre>/);
    assert.match(await pageOf(''), /dir="auto">\n<\/pre>/);
  });

  it('what cannot be had is a notice and no broken page', async () => {
    const one = servedPublication({ 'a.txt': { type: 'text/plain', body: 'x' } }, { shape: 'file' });
    const gone = {
      ...one,
      // eslint-disable-next-line require-yield
      async *read(): AsyncGenerator<Uint8Array> {
        throw new BroadsideError('no-route', 'No neighbour knows a way.');
      },
    };
    const answer = await answerContent(
      gone,
      { method: 'GET', target: '/a.txt', headers: { 'sec-fetch-dest': 'iframe' } },
      options,
    );
    assert.equal(answer.status, 503);
    assert.match(
      new TextDecoder().decode(answer.body as Uint8Array),
      /It did not arrive[\s\S]*No neighbour knows a way/,
    );
  });

  it('to be saved, looked for words in, or read by a program it is what it was', async () => {
    const one = servedPublication({ 'a.txt': { type: 'text/plain', body: 'مرحبا world\nמים' } }, { shape: 'file' });
    const asked = (target: string, destination: string) =>
      answerContent(one, { method: 'GET', target, headers: { 'sec-fetch-dest': destination } }, options);
    assert.equal((await asked('/a.txt?save', 'document')).headers['content-type'], 'application/octet-stream');
    assert.equal((await asked('/a.txt', 'empty')).headers['content-type'], 'text/plain; charset=utf-8');
    const found = new TextDecoder().decode((await asked('/a.txt?find=world', 'iframe')).body as Uint8Array);
    assert.match(found, /unicode-bidi:plaintext[\s\S]*<mark/);
  });
});

describe('pages of our own', () => {
  const askIn = async (language: string, target: string) => {
    const words = hostWords(language);
    const answer = await answerContent(
      site,
      { method: 'GET', target, headers: { 'sec-fetch-dest': 'iframe' } },
      { ...options, words },
    );
    const { body } = answer;
    return new TextDecoder().decode(body instanceof Uint8Array ? body : await collect(body!));
  };

  it('speak the language that was chosen, and run from its side', async () => {
    for (const [language, direction, missing, size] of [
      ['en', 'ltr', 'Not in this publication', 'Size'],
      ['de', 'ltr', 'Nicht in dieser Veröffentlichung', 'Größe'],
      ['ar', 'rtl', 'ليس في هذا المنشور', 'الحجم'],
    ] as const) {
      const notice = await askIn(language, '/nothing');
      assert.ok(notice.includes(`<html lang="${language}" dir="${direction}">`));
      assert.ok(notice.includes(missing), notice);
      const listing = await askIn(language, '/data/');
      assert.ok(listing.includes(size));
      assert.ok(listing.includes('&lt;img src=x&gt;.txt'), 'names stay what they are');
      assert.doesNotMatch(await askIn(language, '/data/a%20b.bin'), /undefined|\{\w+\}/);
    }
  });
});
