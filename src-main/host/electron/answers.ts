/** Between the Request and Response of a scheme's handler and the questions and answers of host/content. Without Electron. */
import type { ContentAnswer, ContentRequest } from '../content/answer.ts';

/**
 * What a request is for. Fetch metadata headers are made by Chromium's network service, which a custom scheme does not
 * pass through; but Blink and the navigation set `Accept` before that, each kind its own. Without either it is taken for a
 * document, which needs the most care.
 */
export function destinationOf(accept: string | null): string {
  if (accept === null || accept.startsWith('text/html')) return 'document';
  if (accept.startsWith('text/css')) return 'style';
  if (accept.startsWith('image/')) return 'image';
  return 'empty';
}

export function toContentRequest(request: Request, target: string): ContentRequest {
  const headers: Record<string, string> = { 'sec-fetch-dest': destinationOf(request.headers.get('accept')) };
  for (const [name, value] of request.headers) headers[name.toLowerCase()] = value;
  return { method: request.method, target, headers, signal: request.signal };
}

export function toResponse(answer: ContentAnswer): Response {
  return new Response(bodyOf(answer), { status: answer.status, headers: answer.headers });
}

function bodyOf({ body, status }: ContentAnswer): BodyInit | null {
  // Response refuses a body, even an empty one, with these.
  if (body === undefined || status === 204 || status === 304) return null;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return streamOf(body);
}

/** Reads ahead by nothing: the next piece is fetched when the page has taken the last. */
function streamOf(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await iterator.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (thrown) {
          controller.error(thrown);
        }
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
