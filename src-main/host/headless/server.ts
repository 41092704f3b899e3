/**
 * The daemon's server on loopback: the interface and its socket under the app's own names, and every open publication
 * under a name of its own, all on one port.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { KIB } from '../../../shared/base/units.ts';
import type { ContentAnswer, ContentRequest, ToldOfLink, ToldOfPage } from '../content/answer.ts';
import { answerContent, readTarget } from '../content/content.ts';
import type { ContentOptions } from '../content/content.ts';
import { noticePage } from '../content/pages.ts';
import { APP_PERMISSIONS } from '../content/policy.ts';
import { answerPlayer } from '../content/player.ts';
import { answerViewer } from '../content/viewer.ts';
import type { ViewerAssets } from '../content/viewer.ts';
import type { OpenOrigin } from '../open-origins.ts';
import {
  appHeaders,
  isOtherPort,
  isOwnOrigin,
  isToken,
  siteOfHost,
  tokenOfAuthorization,
  tokenOfSubprotocols,
} from './access.ts';
import { readContentRange } from '../content/range.ts';
import { ENGLISH } from '../words/words.ts';
import type { HostWords } from '../words/words.ts';
import { listAppFiles } from './app-files.ts';
import type { AppFiles } from './app-files.ts';
import { createRpcSockets } from './rpc-socket.ts';
import type { ContractSource, RpcSockets } from './rpc-socket.ts';

/** Not by an import, which asks the module for all of its names, and for one of these Node loads a client of HTTP: 30 ms. */
const { createServer } = process.getBuiltinModule('node:http');

/** A browser opens six connections an origin; forty open publications and the app fit. A guess. */
export const MAX_CONNECTIONS = 256;
export const MAX_HEADER_BYTES = 16 * KIB;
/** Time for the headers of a request to arrive: loopback needs none, so a slow sender is a hostile or a dead one. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** A connection on which nothing moves: a paused video asks again by range. */
export const IDLE_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_MS = 5000;
/**
 * With every answer, refusals too: a site that asks without reading (fetch no-cors) then sees the same error as where nothing listens, so that it
 * cannot tell by its answers that Broadside runs here, and at which port.
 */
const UNREAD = { 'cross-origin-resource-policy': 'same-origin' };
const UNREAD_LINES = 'Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

export type { OpenOrigin };

export interface HeadlessOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly token: string;
  readonly contract: ContractSource;
  /** What is open under a label; undefined: nothing. */
  readonly origin: (label: string) => OpenOrigin | undefined;
  /** Makes a document of content inert (workers/inert). */
  readonly inert: ContentOptions['inert'];
  /** A frame was given a page of what is open under a label, or a link in it was followed that leads away. */
  readonly onTold?: (label: string, told: ToldOfPage | ToldOfLink) => void;
  /** What pages of our own speak, by the languages that a browser says it takes; absent: English. */
  readonly words?: (accepted: string | undefined) => HostWords;
  /** Takes one file into a staging area; throws BroadsideError. */
  readonly receive: (
    staging: string,
    path: string,
    body: AsyncIterable<Uint8Array>,
    options: { readonly sizeBytes?: number; readonly from?: number; readonly signal: AbortSignal },
  ) => Promise<{ readonly sizeBytes: number }>;
  /** The built interface, out/renderer. */
  readonly rendererDirectory: string;
  readonly viewerAssets: ViewerAssets;
  /** Told of defects; the answer says only that there was one. */
  readonly onDefect: (thrown: unknown) => void;
}

export interface HeadlessServer {
  readonly port: number;
  /** With the token, for the person to open. */
  readonly url: string;
  /** Resolves when the port is free; cuts what is under way. Idempotent. */
  stop(): Promise<void>;
}

/** Throws `usage` when the port cannot be had. */
export async function startHeadlessServer(options: HeadlessOptions): Promise<HeadlessServer> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    // Uploads take their time; the idle time-out below ends those that stand still.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 2000,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT_MS, (socket) => socket.destroy());
  const port = await listen(server, options.port);
  const sockets = createRpcSockets(options.contract);
  const handler = new RequestHandler(options, port, listAppFiles(options.rendererDirectory));
  server.on('request', (request, response) => void handler.answer(request, response));
  server.on('clientError', refuseUnread);
  server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, options, port, sockets));
  let stopped: Promise<void> | undefined;
  return {
    port,
    url: `http://127.0.0.1:${port}/#token=${options.token}`,
    stop() {
      stopped ??= new Promise((resolve) => {
        sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return stopped;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'is in use' : cause.code === 'EACCES' ? 'is not allowed' : 'cannot be had';
      reject(
        new BroadsideError(
          'usage',
          `Port ${port} ${why}. Choose another with --port, or leave it out for any that is free.`,
          { cause },
        ),
      );
    });
    server.listen({ port, host: '127.0.0.1' }, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: HeadlessOptions,
  port: number,
  sockets: RpcSockets,
): void {
  socket.on('error', () => socket.destroy());
  const site = siteOfHost(hostOf(request), port);
  const allowed =
    site?.kind === 'app' &&
    request.url === '/rpc' &&
    isOwnOrigin(request.headers.origin, site) &&
    isToken(tokenOfSubprotocols(request.headers['sec-websocket-protocol']), options.token);
  if (allowed) {
    // The socket is a window that may be silent for hours.
    (socket as Duplex & { setTimeout?: (timeoutMs: number) => void }).setTimeout?.(0);
    sockets.upgrade(request, socket, head);
  } else {
    socket.end(`HTTP/1.1 403 Forbidden\r\n${UNREAD_LINES}`);
  }
}

/** What is no request, or one that took too long, as Node would answer it by itself. */
function refuseUnread(error: Error & { readonly code?: string }, socket: Duplex): void {
  // Behind the beginning of an answer it would be taken for more of that.
  if (error.code === 'ECONNRESET' || !socket.writable || (socket as Socket).bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : late;
  socket.end(`HTTP/1.1 ${status}\r\n${UNREAD_LINES}`, () => socket.destroy());
}

/** Undefined where it is said twice (RFC 9112, section 3.2): Node takes the first, and who stands between may have taken the second. */
function hostOf(request: IncomingMessage): string | undefined {
  return request.headersDistinct['host']?.length === 1 ? request.headers.host : undefined;
}

class RequestHandler {
  readonly #options: HeadlessOptions;
  readonly #port: number;
  readonly #files: AppFiles;
  readonly #appHeaders: Record<string, string>;

  constructor(options: HeadlessOptions, port: number, files: AppFiles) {
    this.#options = options;
    this.#port = port;
    this.#files = files;
    this.#appHeaders = appHeaders(port, APP_PERMISSIONS);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const abort = new AbortController();
    response.on('close', () => abort.abort());
    try {
      const site = siteOfHost(hostOf(request), this.#port);
      if (site === undefined)
        return isOtherPort(request.headers.host, this.#port) && request.url === '/'
          ? this.#misdirected(request, response)
          : this.#refuse(response, 403);
      // Nothing here has one; what took a viewer over would leave one behind, to be there when the same publication is opened again.
      if (request.headers['service-worker'] !== undefined) return this.#refuse(response, 403);
      if (site.kind === 'content') return await this.#content(site.label, request, response, abort.signal);
      if (!isOwnOrigin(request.headers.origin, site)) return this.#refuse(response, 403);
      const path = request.url?.split('?', 1)[0] ?? '';
      if (path.startsWith('/staging/')) return await this.#staging(path, request, response, abort.signal);
      return await this.#app(path, request, response);
    } catch (thrown) {
      if (!abort.signal.aborted) this.#options.onDefect(thrown);
      if (response.headersSent) response.destroy();
      else this.#refuse(response, 500);
    }
  }

  async #content(
    label: string,
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const open = this.#options.origin(label);
    const port = this.#port;
    const asked: ContentRequest = {
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers as Record<string, string>,
      signal,
    };
    const policy = {
      appOrigins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`],
      allowTopLevel: false,
      inert: this.#options.inert,
      words: this.#words(request),
      asksForLinks: this.#options.onTold !== undefined,
    };
    if (open?.kind === 'player') {
      // Whoever plays waits for what is not here yet, or pauses: nothing moves for as long as that lasts.
      request.socket.setTimeout(0);
      response.once('close', () => request.socket.setTimeout(IDLE_TIMEOUT_MS));
      return send(response, await answerPlayer(open.play, asked, policy));
    }
    const answer =
      open?.kind === 'viewer'
        ? await answerViewer(open.publication, asked, { ...policy, assets: this.#options.viewerAssets })
        : await answerContent(open?.publication, asked, {
            ...policy,
            ...(open && {
              viewerUrl: (path) => `http://${open.viewerLabel}.localhost:${port}/?file=${encodeURIComponent(path)}`,
            }),
          });
    if (answer.told !== undefined && asked.headers['sec-fetch-dest'] === 'iframe')
      this.#options.onTold?.(label, answer.told);
    await send(response, answer);
  }

  async #app(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return this.#plain(response, 405, { allow: 'GET, HEAD' });
    }
    const acceptsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const file = await this.#files.get(path, acceptsGzip);
    if (file === undefined) {
      if (path !== '/') return this.#plain(response, 404);
      const words = this.#words(request);
      const body = noticePage(words, words.t('notice.notBuilt'), words.t('notice.notBuiltText'));
      const headers = {
        ...this.#appHeaders,
        'content-type': 'text/html; charset=utf-8',
        'content-length': String(body.length),
      };
      response.writeHead(503, headers);
      response.end(request.method === 'HEAD' ? undefined : body);
      return;
    }
    const headers = { ...this.#appHeaders, ...file.headers };
    if (request.headers['if-none-match'] === file.headers['etag']) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    response.writeHead(200, { ...headers, 'content-length': String(file.body.length) });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  }

  /** PUT /staging/ID/PATH with the file as its body, or with the rest of it, by Content-Range. */
  async #staging(path: string, request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    if (!isToken(tokenOfAuthorization(request.headers.authorization), this.#options.token))
      return this.#refuse(response, 403);
    if (request.method !== 'PUT') return this.#plain(response, 405, { allow: 'PUT' });
    const target = readTarget(path);
    const parts = target?.path.split('/') ?? [];
    const [, staging = '', ...rest] = parts;
    if (!/^[\w-]{1,64}$/.test(staging) || rest.length === 0) return this.#plain(response, 400);
    const declared = request.headers['content-length'];
    const range = readContentRange(request.headers['content-range'], declared);
    if (range === 'wrong') return this.#plain(response, 400);
    try {
      const { sizeBytes } = await this.#options.receive(staging, rest.join('/'), request, {
        signal,
        ...(range ?? (declared !== undefined && { sizeBytes: Number(declared) })),
      });
      this.#json(response, 200, { ok: true, sizeBytes });
    } catch (thrown) {
      const { code, message } = toBroadsideError(thrown);
      if (code === 'unexpected') this.#options.onDefect(thrown);
      const status = { 'not-found': 404, busy: 503, 'no-space': 507, unexpected: 500 }[code as string] ?? 400;
      const said = code === 'unexpected' ? 'Something unexpected happened while the file arrived. Try again.' : message;
      // What is still on its way is not read: the connection goes with the answer.
      response.setHeader('connection', 'close');
      this.#json(response, status, { ok: false, code, message: said });
    }
  }

  #json(response: ServerResponse, status: number, value: unknown): void {
    if (response.destroyed) return;
    response.writeHead(status, {
      ...this.#appHeaders,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(JSON.stringify(value));
  }

  #plain(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
    response.writeHead(status, { ...this.#appHeaders, ...headers, 'content-length': '0' });
    response.end();
  }

  /** Content has origins of its own on this very port, so a forwarded one has to have its number (HTTP 421, RFC 9110, 15.5.20). */
  #misdirected(request: IncomingMessage, response: ServerResponse): void {
    const words = this.#words(request);
    const port = String(this.#port);
    const command = `ssh -L ${port}:127.0.0.1:${port} HOST`;
    const body = noticePage(words, words.t('notice.port'), words.t('notice.portText', { port, command }));
    response.writeHead(421, {
      ...this.#appHeaders,
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(body.length),
      connection: 'close',
    });
    response.end(body);
  }

  #words(request: IncomingMessage): HostWords {
    return this.#options.words?.(request.headers['accept-language']) ?? ENGLISH;
  }

  /** Without detail, and without a word about what this is. */
  #refuse(response: ServerResponse, status: number): void {
    response.writeHead(status, { 'content-length': '0', connection: 'close', ...UNREAD });
    response.end();
  }
}

async function send(response: ServerResponse, answer: ContentAnswer): Promise<void> {
  response.writeHead(answer.status, answer.headers);
  if (answer.body === undefined || answer.body instanceof Uint8Array) {
    response.end(answer.body);
    return;
  }
  try {
    await pipeline(Readable.from(answer.body, { objectMode: false }), response);
  } catch {
    // The length was said already: cutting the connection is how the reader learns that the rest did not come.
    response.destroy();
  }
}
