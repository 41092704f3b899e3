/** The two ways to the node: a WebSocket (headless, in a browser) and a MessagePort (Electron's preload posts one). */
import type { Pipe } from '../../../shared/ipc/rpc.ts';

export interface OpenPipe {
  readonly pipe: Pipe;
  /** Resolves when the pipe has closed. */
  readonly closed: Promise<void>;
  close(): void;
}

/** What the preload of Electron puts into the page. */
export interface Bridge {
  /** True when a MessagePort is posted to the page instead of a socket being served. */
  readonly port?: boolean;
  /** The path on this machine of a file or folder that was dropped or chosen. */
  pathOf?(file: File): string;
  /** Asks for a folder by the system's own dialog; undefined when none was chosen. */
  chooseFolder?(): Promise<string | undefined>;
  /** Shows an address of content in a view of its own at a place of the window, in CSS pixels; again to move it. */
  showContent?(url: string, bounds: { x: number; y: number; width: number; height: number }): void;
  hideContent?(): void;
  /** 1 is as large as the window's own. */
  zoomContent?(factor: number): void;
  /** Prints what is shown of content. */
  printContent?(): void;
  /** Opens the file of a download that is done, in the program of its kind; false where that cannot be. */
  openFile?(job: string): Promise<boolean>;
  /** Shows it in its folder. */
  showFile?(job: string): Promise<boolean>;
  /** A drag of that file out of the window began: the system goes on with it. */
  dragFile?(job: string): void;
  /** Tells something by the system; `place`: the address in this window that a click on it leads to. */
  notify?(title: string, body: string, place: string): void;
  /** Says whether a password is on the screen, for who chose that it is in no screenshot. */
  secretShown?(shown: boolean): void;
  /** Opens a web address in the browser of the system; whoever calls this has asked. */
  openOutside?(url: string): void;
}

declare global {
  interface Window {
    readonly broadside?: Bridge;
  }
}

const SUBPROTOCOL = 'broadside.1';
/** How long a socket may take to open before it counts as not answering. Guess. */
const OPEN_TIMEOUT_MS = 8000;
/** WebSocket close codes with which a server says that the token is wrong (1008 is RFC 6455 policy violation). */
const REFUSED_CODES = new Set([1008, 4401, 4403]);

export class TokenRefused extends Error {}

/** Rejects with TokenRefused when the node answers but does not take the token, else with what went wrong. */
export async function openSocket(token: string): Promise<OpenPipe> {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(`${scheme}//${location.host}/rpc`, [SUBPROTOCOL, `token.${token}`]);
  let listener: (text: string) => void = () => {};
  socket.addEventListener('message', (event) => {
    if (typeof event.data === 'string') listener(event.data);
  });
  const closed = new Promise<number>((resolve) => socket.addEventListener('close', (event) => resolve(event.code)));
  const opened = new Promise<'open'>((resolve) => socket.addEventListener('open', () => resolve('open')));
  const timedOut = new Promise<'timeout'>((resolve) => setTimeout(resolve, OPEN_TIMEOUT_MS, 'timeout'));
  const first = await Promise.race([opened, closed, timedOut]);
  if (first !== 'open') {
    socket.close();
    // A browser hides why a socket was refused. If the node serves pages all the same, it is the token.
    if (first !== 'timeout' && (REFUSED_CODES.has(first) || (await answersPages()))) throw new TokenRefused();
    throw new Error('the node does not answer');
  }
  return {
    pipe: { post: (text) => socket.send(text), onMessage: (next) => (listener = next) },
    closed: closed.then(() => undefined),
    close: () => socket.close(),
  };
}

async function answersPages(): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/', location.href), { method: 'HEAD', cache: 'no-store' });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Waits for the port that the preload posts; only messages of this very window are taken. */
export function openPort(): Promise<OpenPipe> {
  return new Promise((resolve) => {
    const take = (event: MessageEvent<unknown>): void => {
      const data = event.data as { broadside?: unknown } | null;
      const port = event.ports[0];
      if (event.source !== window || data?.broadside !== 'port' || port === undefined) return;
      window.removeEventListener('message', take);
      let listener: (text: string) => void = () => {};
      port.addEventListener('message', (message: MessageEvent<unknown>) => {
        if (typeof message.data === 'string') listener(message.data);
      });
      const closed = new Promise<void>((done) => port.addEventListener('close', () => done()));
      port.start();
      resolve({
        pipe: { post: (text) => port.postMessage(text), onMessage: (next) => (listener = next) },
        closed,
        close: () => port.close(),
      });
    };
    window.addEventListener('message', take);
    // The preload answers this with the port, also after a reload of the page.
    window.postMessage({ broadside: 'want-port' }, window.location.origin === 'null' ? '*' : window.location.origin);
  });
}
