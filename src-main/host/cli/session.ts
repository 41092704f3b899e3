/**
 * What a command speaks to: the daemon (or app) that runs on the data directory, over its socket, or, when none runs, a
 * node of its own for as long as the command takes. Both answer the same contract.
 */
import { WebSocket } from 'ws';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { connectContract, serveContract } from '../../../shared/ipc/rpc.ts';
import type { ContractClient, Pipe } from '../../../shared/ipc/rpc.ts';
import { EVENTS } from '../../../shared/ipc/contract.ts';
import type { EventName } from '../../../shared/ipc/contract.ts';
import { readDaemonFile } from '../daemon-file.ts';
import type { DaemonFile } from '../daemon-file.ts';
import type { DataDirectory } from '../data-directory.ts';
import { SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from '../headless/access.ts';
import { MAX_MESSAGE_BYTES } from '../headless/rpc-socket.ts';
import type { ContractSource } from '../headless/rpc-socket.ts';

export interface NodeChoice {
  readonly directory: DataDirectory;
  /** Shown to whoever finds the directory in use: 'broadside publish'. */
  readonly what: string;
  readonly network: string | undefined;
  readonly bootstrap: readonly string[];
  /** Of the library: unlocks it. */
  readonly passphrase?: string;
  /** What is asked for can be answered while the library is locked; else `locked` is thrown before a node is started. */
  readonly mayBeLocked?: boolean;
  readonly onDefect: (thrown: unknown) => void;
}

export interface Session {
  readonly client: ContractClient;
  /** True when it is somebody else's node that goes on after the command. */
  readonly daemon: boolean;
  /** Rejects when the node on the other side has gone; never resolves. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/** The daemon of the directory, else a node of its own that is running when this resolves. */
export async function openSession(choice: NodeChoice): Promise<Session> {
  const running = await connectDaemon(choice);
  if (running !== undefined) return running;
  const { composeNode } = await import('../compose.ts');
  const node = await composeNode({ ...choice, mayBeLocked: choice.mayBeLocked ?? false });
  return {
    client: connectInProcess(node.contract),
    daemon: false,
    lost: new Promise(() => {}),
    close: () => node.stop(),
  };
}

/** Undefined when no daemon answers there. Throws `usage` when it runs in another network than the one asked for. */
export async function connectDaemon(choice: NodeChoice): Promise<Session | undefined> {
  const file = readDaemonFile(choice.directory);
  if (file === undefined) return undefined;
  const socket = await openSocket(file);
  if (socket === undefined) return undefined;
  const client = connectContract(pipeOf(socket));
  const lost = new Promise<never>((_, reject) => {
    socket.on('close', () =>
      reject(new BroadsideError('offline', 'The node stopped. Start it again, then try again.')),
    );
  });
  lost.catch(() => undefined);
  const session: Session = {
    client,
    daemon: true,
    lost,
    async close() {
      socket.removeAllListeners('close');
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.close();
      await closed;
    },
  };
  await checkNetwork(session, choice);
  // A command is what a person does; what only looks how the node is may be asked by a watch, again and again.
  if (choice.mayBeLocked !== true) await client.call('lock.active', null).catch(() => undefined);
  if (choice.passphrase !== undefined) await unlock(session, choice.passphrase);
  return session;
}

async function unlock(session: Session, passphrase: string): Promise<void> {
  try {
    await session.client.call('lock.unlock', { passphrase });
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
}

async function checkNetwork(session: Session, choice: NodeChoice): Promise<void> {
  if (choice.network === undefined && choice.bootstrap.length === 0) return;
  const settings = await session.client.call('config.get', null);
  const wrong =
    (choice.network !== undefined && settings['network'] !== choice.network) ||
    (choice.bootstrap.length > 0 && settings['bootstrap'] !== choice.bootstrap.join(','));
  if (!wrong) return;
  await session.close();
  throw new BroadsideError(
    'usage',
    `The node that runs on ${choice.directory.path} is in another network. Stop it first, or leave out --network and --bootstrap.`,
  );
}

/** A daemon that is there answers at once; one that does not is taken for gone, and the lock has the last word. */
const SOCKET_TIMEOUT_MS = 5000;

function openSocket(file: DaemonFile): Promise<WebSocket | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(
      `ws://127.0.0.1:${file.port}/rpc`,
      [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${file.token}`],
      {
        handshakeTimeout: SOCKET_TIMEOUT_MS,
        perMessageDeflate: false,
        // The node's answers may be longer than what it takes: a long list of files.
        maxPayload: 64 * MAX_MESSAGE_BYTES,
      },
    );
    socket.once('open', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });
}

function pipeOf(socket: WebSocket): Pipe {
  return {
    post: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text);
    },
    onMessage: (listener) => {
      socket.on('message', (data) => listener(String(data)));
    },
  };
}

/** The same contract, checks and all, within one process. */
export function connectInProcess(source: ContractSource): ContractClient {
  const listeners: { toNode?: (text: string) => void; toClient?: (text: string) => void } = {};
  const later = (listener: ((text: string) => void) | undefined, text: string): void =>
    queueMicrotask(() => listener?.(text));
  const { emit } = serveContract(
    { post: (text) => later(listeners.toClient, text), onMessage: (listener) => (listeners.toNode = listener) },
    source.handlers,
  );
  const client = connectContract({
    post: (text) => later(listeners.toNode, text),
    onMessage: (listener) => (listeners.toClient = listener),
  });
  for (const name of Object.keys(EVENTS) as EventName[]) source.on(name, (value) => emit(name, value));
  return client;
}
