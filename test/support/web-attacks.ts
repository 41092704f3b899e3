/** What a page can do to an address that is not its own, for tests in a real browser: each function runs in the page and knows nothing of this module. */

export interface Attempt {
  readonly url: string;
  /** What a policy of the page itself refuses has no event here and there; all else has one. */
  readonly silentMs: number;
}

/**
 * Tries an address in every way that a page has, and says of each how it came out. A way that comes out otherwise than at a port where nothing
 * listens tells the page something; `read`: bytes came.
 */
export async function tryEverything({ url, silentMs }: Attempt): Promise<Record<string, string>> {
  const outcome = (begin: (say: (how: string) => void) => void): Promise<string> =>
    new Promise((resolve) => {
      try {
        begin(resolve);
      } catch (thrown) {
        resolve(`thrown ${(thrown as Error).name}`);
      }
    });
  const asked = (options: RequestInit): Promise<string> =>
    fetch(url, options).then(
      async (answer) => `${answer.type} ${answer.status} read ${(await answer.text()).length}`,
      (thrown: Error) => thrown.name,
    );
  const element = (tag: string, attributes: Record<string, string>): Promise<string> =>
    outcome((say) => {
      const made = document.createElement(tag);
      for (const event of ['load', 'loadeddata', 'error']) made.addEventListener(event, () => say(event));
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      document.body.append(made);
    });
  const ways: Record<string, () => Promise<string>> = {
    fetch: () => asked({}),
    'fetch with credentials': () => asked({ credentials: 'include' }),
    'fetch POST': () => asked({ method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }),
    'fetch PUT': () => asked({ method: 'PUT', body: 'x', headers: { authorization: 'Bearer guess' } }),
    'fetch without reading': () => asked({ mode: 'no-cors' }),
    'POST without reading': () => asked({ mode: 'no-cors', method: 'POST', body: '{}' }),
    'HEAD without reading': () => asked({ mode: 'no-cors', method: 'HEAD' }),
    'fetch from loopback': () => asked({ targetAddressSpace: 'loopback' } as RequestInit),
    'a request that no parser takes': () =>
      fetch(`${url}?${'a'.repeat(20_000)}`, { mode: 'no-cors' }).then(
        ({ type }) => type,
        (thrown: Error) => thrown.name,
      ),
    XMLHttpRequest: () =>
      outcome((say) => {
        const request = new XMLHttpRequest();
        request.onloadend = () => say(`${request.status} read ${request.responseText.length}`);
        request.open('POST', url);
        request.send('x');
      }),
    EventSource: () =>
      outcome((say) => {
        const source = new EventSource(url);
        source.onopen = () => say('open');
        source.onerror = () => say('error');
      }),
    WebSocket: () =>
      outcome((say) => {
        const socket = new WebSocket(url.replace(/^http/, 'ws'), ['broadside.1', 'token.guess']);
        socket.onopen = () => say('open');
        socket.onclose = ({ code, reason }) => say(`closed ${code} ${reason}`);
      }),
    image: () => element('img', { src: url }),
    script: () => element('script', { src: url }),
    module: () => import(url).then(String, (thrown: Error) => thrown.name),
    'style sheet': () => element('link', { rel: 'stylesheet', href: url }),
    preload: () => element('link', { rel: 'preload', as: 'image', href: url }),
    prefetch: () => element('link', { rel: 'prefetch', href: url }),
    sound: () => element('audio', { src: url }),
    film: () => element('video', { src: url }),
    frame: () => element('iframe', { src: url }),
    object: () => element('object', { data: url }),
    font: () => new FontFace('x', `url(${url})`).load().then(String, (thrown: Error) => thrown.name),
    worker: () => outcome((say) => (new Worker(url).onerror = () => say('error'))),
    'shared worker': () => outcome((say) => (new SharedWorker(url).onerror = () => say('error'))),
    'service worker': () =>
      navigator.serviceWorker === undefined
        ? Promise.resolve('none')
        : navigator.serviceWorker.register(url).then(String, (thrown: Error) => thrown.name),
  };
  const silence = new Promise<string>((resolve) => setTimeout(resolve, silentMs, 'silence'));
  const outcomes = Object.entries(ways).map(async ([name, go]) => [name, await Promise.race([go(), silence])] as const);
  navigator.sendBeacon(url, 'x');
  return Object.fromEntries(await Promise.all(outcomes));
}

/** A WebSocket as the interface opens it; resolves with what became of it. */
export function openAsInterface({ url, token }: { url: string; token: string }): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, ['broadside.1', `token.${token}`]);
    socket.onopen = () => resolve('open');
    // One that a policy of the page refuses has no other event.
    socket.onerror = () => resolve('closed');
  });
}

/** Leaves a mark in everything that a page can keep something in. */
export async function leaveMarks(mark: string): Promise<void> {
  localStorage.setItem('mark', mark);
  sessionStorage.setItem('mark', mark);
  for (const domain of ['', '; domain=localhost', '; domain=.localhost', '; domain=127.0.0.1'])
    document.cookie = `mark${domain.length}=${mark}${domain}; path=/`;
  await (await caches.open('mark')).put('/mark', new Response(mark));
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open('mark', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('mark').put(mark, 'mark');
    opening.onsuccess = () => resolve(opening.result.close());
    opening.onerror = () => reject(opening.error!);
  });
}

/** All that is kept where this page can look, as one text. */
export async function readMarks(): Promise<string> {
  const held: unknown[] = [{ ...localStorage }, { ...sessionStorage }, document.cookie, name];
  for (const key of await caches.keys()) held.push(await (await (await caches.open(key)).match('/mark'))?.text());
  for (const { name: database } of await indexedDB.databases()) held.push(database);
  return JSON.stringify(held);
}

/** Listens on a broadcast channel; what it heard is in `heard` of the window. */
export function listenOn(channel: string): void {
  const heard: unknown[] = [];
  Object.assign(globalThis, { heard });
  new BroadcastChannel(channel).onmessage = ({ data }) => heard.push(data);
}
