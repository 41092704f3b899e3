/** Requests that a browser, a program or nobody would make: as bytes, so that what no client library would send is sent too. */
import fc from 'fast-check';
import type { EdgeHouse } from './edge-house.ts';

/** One request, and whose site its Host names, as the server is to understand it. */
export interface EdgeRequest {
  readonly bytes: Uint8Array;
  /** Label of a content origin that is open; 'app'; undefined for whatever else the Host is, or where it cannot be told. */
  readonly site: string | undefined;
  /** It is a whole request in the right form, so that it must be answered. */
  readonly isWhole: boolean;
}

const METHODS = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'GEt',
];
const DESTINATIONS = [
  'iframe',
  'document',
  'empty',
  'image',
  'style',
  'script',
  'object',
  'embed',
  'video',
  'worker',
  'x',
];
const latin = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const visible = fc.string({
  unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
});

/** Percent-encoded more than once, in part, wrongly, or not at all. */
function spelled(path: string): fc.Arbitrary<string> {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(encoded) },
    fc.constant(encodeURIComponent(encoded)),
    fc.constant(encoded.replaceAll('%', '%25')),
    fc
      .nat({ max: encoded.length })
      .chain((at) => visible.map((extra) => encoded.slice(0, at) + extra + encoded.slice(at))),
    fc.nat({ max: encoded.length }).map((at) => `${encoded.slice(0, at)}%${encoded.slice(at)}`),
    fc.constant([...new TextEncoder().encode(path)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
    fc.constantFrom('%2e%2e/', '..%2f', '..\\', '%00', '//', './', '%c0%ae%c0%ae/').map((climb) => climb + encoded),
  );
}

const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom(
    '?save',
    '?inert',
    '?source',
    '?find=',
    '?find=mark',
    '?find=%ff',
    '?away=http%3A%2F%2Fx',
    '?away=%',
    '?file=page.pdf',
    '?',
  ),
  visible.map((text) => `?${text}`),
  fc.nat({ max: 20_000 }).map((length) => `?find=${'a'.repeat(length)}`),
);

function target(house: EdgeHouse): fc.Arbitrary<string> {
  const path = fc.constantFrom(...house.paths).chain(spelled);
  return fc.oneof(
    { weight: 10, arbitrary: fc.tuple(path, query).map(([name, asked]) => `/${name}${asked}`) },
    visible.map((text) => `/${text}`),
    visible.filter((text) => text !== ''),
    fc.constantFrom(
      '*',
      '/',
      '//',
      `http://127.0.0.1:${house.port}/`,
      'http://evil.example/',
      '/rpc',
      '/staging/open/x',
    ),
    fc.nat({ max: 17_000 }).map((length) => `/${'a'.repeat(length)}`),
  );
}

/** The names that the server has, and what comes near; with the site that it speaks of. */
function host(house: EdgeHouse): fc.Arbitrary<{ readonly host: string; readonly site: string | undefined }> {
  const { port, origins } = house;
  const of = (text: string, site: string | undefined) => fc.constant({ host: text, site });
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom(...origins).map(({ label }) => ({ host: `${label}.localhost:${port}`, site: label })),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom('127.0.0.1', 'localhost').map((name) => ({ host: `${name}:${port}`, site: 'app' })),
    },
    of(`${origins[0]!.label.slice(0, -1)}x.localhost:${port}`, undefined),
    of(`${origins[0]!.label}.${origins[3]!.label}.localhost:${port}`, undefined),
    of(`${origins[0]!.label}.localhost`, undefined),
    of(`${origins[0]!.label}.LOCALHOST:${port}`, undefined),
    of(`evil.example:${port}`, undefined),
    of(`0.0.0.0:${port}`, undefined),
    of('', undefined),
    fc
      .string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), minLength: 16, maxLength: 63 })
      .map((label) => ({
        host: `${label}.localhost:${port}`,
        site: undefined,
      })),
    visible.map((text) => ({ host: text, site: undefined })),
  );
}

function header(house: EdgeHouse): fc.Arbitrary<readonly [name: string, value: string]> {
  const { port, origins, token } = house;
  const is = (name: string, value: fc.Arbitrary<string>) => value.map((text) => [name, text] as const);
  const number = fc.oneof(fc.nat().map(String), fc.constantFrom('-1', '', '0x10', '9'.repeat(30), '1e9', ' 5'));
  return fc.oneof(
    is('Sec-Fetch-Dest', fc.constantFrom(...DESTINATIONS)),
    is(
      'Range',
      fc.tuple(number, number).map(([from, to]) => `bytes=${from}-${to}`),
    ),
    is('Range', fc.oneof(latin, fc.constantFrom('bytes=0-1,2-3', 'bytes=-', 'bytes=-0', 'lines=1-2', 'bytes=5-1'))),
    is('If-Range', latin),
    is(
      'If-None-Match',
      fc.oneof(
        latin,
        fc.constant('*'),
        fc.nat({ max: 4_000 }).map((count) => '"x",'.repeat(count)),
      ),
    ),
    is(
      'Origin',
      fc.constantFrom(
        'null',
        'http://evil.example',
        `http://127.0.0.1:${port}`,
        `http://${origins[1]!.label}.localhost:${port}`,
      ),
    ),
    is('Cookie', latin),
    is('Authorization', fc.constantFrom(`Bearer ${token}`, `Bearer ${token} `, 'Bearer', 'Basic eDp4')),
    is('Accept-Encoding', fc.constantFrom('gzip', 'br', 'gzip;q=0', '*')),
    is('Connection', fc.constantFrom('close', 'keep-alive', 'upgrade', 'Host', 'TE')),
    is('Upgrade', fc.constantFrom('websocket', 'h2c', 'websocket, x')),
    is('Sec-WebSocket-Version', fc.constantFrom('13', '12', '99', 'x')),
    is('Sec-WebSocket-Key', fc.constantFrom('dGhlIHNhbXBsZSBub25jZQ==', 'short', '')),
    is(
      'Sec-WebSocket-Protocol',
      fc.constantFrom('broadside.1', `broadside.1, token.${token}`, 'broadside.1, token.', ',,,'),
    ),
    is('Expect', fc.constantFrom('100-continue', 'x')),
    is('Content-Type', latin),
    is('X-Forwarded-Host', fc.constant(`${origins[3]!.label}.localhost:${port}`)),
    is('Host', fc.constant(`${origins[3]!.label}.localhost:${port}`)),
    fc.tuple(visible, latin).map(([name, value]) => [`X-${name}`, value] as const),
    fc.nat({ max: 20_000 }).map((length) => ['X-Long', 'y'.repeat(length)] as const),
  );
}

interface Body {
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
  readonly isRight: boolean;
}

const body: fc.Arbitrary<Body> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ headers: [], text: '', isRight: true }) },
  latin.map((text) => ({ headers: [['Content-Length', String(text.length)] as const], text, isRight: true })),
  latin.map((text) => ({
    headers: [['Transfer-Encoding', 'chunked'] as const],
    text: `${text.length.toString(16)}\r\n${text}\r\n${text === '' ? '' : '0\r\n'}\r\n`,
    isRight: true,
  })),
  fc
    .constantFrom(
      'zz\r\nx\r\n0\r\n\r\n',
      '-1\r\n\r\n',
      'fffffffffffffffff\r\nx',
      '5;x=y\r\nabc',
      '0\r\nX: y',
      '1\r\nab\r\n',
    )
    .map((text) => ({
      headers: [['Transfer-Encoding', 'chunked'] as const],
      text,
      isRight: false,
    })),
  fc.constantFrom('5', '-1', '99999999999999999999', 'x', '5, 6').map((length) => ({
    headers: [['Content-Length', length] as const],
    text: 'abc',
    isRight: false,
  })),
  fc.constant({
    headers: [['Content-Length', '3'] as const, ['Transfer-Encoding', 'chunked'] as const],
    text: '0\r\n\r\n',
    isRight: false,
  }),
);

/** In the form of a request, whatever is in it. */
export function edgeRequest(house: EdgeHouse): fc.Arbitrary<EdgeRequest> {
  return fc
    .record({
      method: fc.constantFrom(...METHODS),
      target: target(house),
      host: host(house),
      headers: fc.array(header(house), { maxLength: 5 }),
      body,
      version: fc.constantFrom('1.1', '1.1', '1.1', '1.0', '2.0', '0.9'),
    })
    .map(({ method, target: asked, host: named, headers, body: sent, version }) => {
      const lines = [
        `${method} ${asked} HTTP/${version}`,
        `Host: ${named.host}`,
        ...[...headers, ...sent.headers].map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, ' ')}`),
      ];
      const text = `${lines.join('\r\n')}\r\n\r\n${sent.text}`;
      const isRewritten = headers.some(([name]) => name === 'Host') || asked.startsWith('http');
      return {
        bytes: Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff),
        site: isRewritten ? undefined : named.site,
        // Node ends a connection that asks for a tunnel, without a word.
        isWhole: sent.isRight && version === '1.1' && method !== 'CONNECT',
      };
    });
}

/** What is no request: several at once, cut short, with bytes changed, or noise. */
export function edgeBytes(house: EdgeHouse): fc.Arbitrary<Uint8Array> {
  const one = edgeRequest(house).map(({ bytes }) => bytes);
  const joined = fc.array(one, { minLength: 2, maxLength: 6 }).map((parts) => new Uint8Array(Buffer.concat(parts)));
  const changed = fc
    .tuple(one, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 8 }))
    .map(([bytes, edits]) => {
      const copy = bytes.slice();
      for (const [at, value] of edits) copy[at % copy.length] = value;
      return copy;
    });
  return fc.oneof(
    joined,
    changed,
    fc.tuple(one, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length)),
    fc.uint8Array({ maxLength: 400 }),
    fc.nat({ max: 40_000 }).map((length) => new Uint8Array(length).fill(0x41)),
    fc.constant(Uint8Array.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03])),
  );
}
