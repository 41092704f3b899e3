/** The contract over birpc, for any transport that carries strings. Both ends check what comes in against the schemas. */
import { createBirpc } from 'birpc';
import * as v from 'valibot';
import { BroadsideError, toBroadsideError } from '../base/errors.ts';
import { CALLS, EVENTS } from './contract.ts';
import type { CallName, Calls, EventName, EventValue, Outcome, Params, Reply } from './contract.ts';

/** A two-way pipe of text messages: a WebSocket or a MessagePort. */
export interface Pipe {
  post(text: string): void;
  onMessage(listener: (text: string) => void): void;
}

/** What the node offers: each call with validated parameters; failures are thrown as BroadsideError. */
export type Handlers = {
  readonly [N in CallName]: (params: v.InferOutput<Calls[N]['params']>) => Promise<Reply<N>> | Reply<N>;
};

interface ServerFunctions {
  call(name: string, params: unknown): Promise<Outcome<unknown>>;
}
interface ClientFunctions {
  event(name: string, value: unknown): void;
}

/** Longest that a call may take to be accepted; long work is a job, so this only bounds a dead connection. */
const CALL_TIMEOUT_MS = 60_000;

const channelOf = (pipe: Pipe) => ({
  post: (data: string) => pipe.post(data),
  on: (listener: (data: string) => void) => pipe.onMessage(listener),
  serialize: (value: unknown) => JSON.stringify(value),
  deserialize: (text: string) => {
    const message: unknown = JSON.parse(text);
    // birpc looks into it without asking; what it throws from there would be an unhandled rejection.
    if (typeof message !== 'object' || message === null) throw new TypeError('not a message');
    return message;
  },
});

/** Serves one connection; returns the function that sends it events. */
export function serveContract(
  pipe: Pipe,
  handlers: Handlers,
): { emit<N extends EventName>(name: N, value: EventValue<N>): void } {
  const functions: ServerFunctions = {
    async call(name, params) {
      try {
        if (!Object.hasOwn(CALLS, name))
          throw new BroadsideError('usage', `there is no call named ${JSON.stringify(name)}`);
        const known = name as CallName;
        const parsed = v.safeParse(CALLS[known].params as v.GenericSchema, params);
        if (!parsed.success) {
          const issue = parsed.issues[0];
          throw new BroadsideError('usage', `${name}: ${v.getDotPath(issue) ?? 'value'}: ${issue.message}`);
        }
        const handler = handlers[known] as (params: unknown) => unknown;
        return { ok: true, value: (await handler(parsed.output)) ?? null };
      } catch (thrown) {
        const error = toBroadsideError(thrown);
        return { ok: false, code: error.code, message: error.message };
      }
    },
  };
  const rpc = createBirpc<ClientFunctions, ServerFunctions>(functions, {
    ...channelOf(pipe),
    eventNames: ['event'],
    timeout: CALL_TIMEOUT_MS,
    // A client that breaks off or answers nonsense must not become an unhandled rejection here.
    onGeneralError: () => true,
    onFunctionError: () => true,
  });
  return {
    emit(name, value) {
      void rpc.event(name, value);
    },
  };
}

export interface ContractClient {
  /** Resolves with the value or rejects with a BroadsideError that has the node's code. */
  call<N extends CallName>(name: N, params: Params<N>): Promise<Reply<N>>;
  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void;
  /** Rejects what is under way; for when the pipe has closed. */
  close(): void;
}

export function connectContract(pipe: Pipe): ContractClient {
  const listeners = new Map<string, Set<(value: never) => void>>();
  const functions: ClientFunctions = {
    event(name, value) {
      if (!Object.hasOwn(EVENTS, name)) return;
      const parsed = v.safeParse(EVENTS[name as EventName] as v.GenericSchema, value);
      if (!parsed.success) return;
      for (const listener of listeners.get(name) ?? []) listener(parsed.output as never);
    },
  };
  const rpc = createBirpc<ServerFunctions, ClientFunctions>(functions, {
    ...channelOf(pipe),
    timeout: CALL_TIMEOUT_MS,
  });
  return {
    async call(name, params) {
      let outcome: Outcome<unknown>;
      try {
        outcome = await rpc.call(name, params);
      } catch (cause) {
        throw new BroadsideError('offline', 'The node did not answer. It may have stopped: start it again.', { cause });
      }
      if (!outcome.ok) throw new BroadsideError(outcome.code, outcome.message);
      return v.parse(CALLS[name].result as v.GenericSchema, outcome.value) as never;
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener as (value: never) => void);
      return () => set.delete(listener as (value: never) => void);
    },
    close() {
      rpc.$close(new Error('closed'));
    },
  };
}
