/**
 * Moving the data directory from the app's own window. The node stops in this process; when everything has been copied another process begins,
 * for Chromium keeps a folder of its own in that directory, which cannot be changed while it runs. Without Electron.
 */
import type { DataDirectory } from '../data-directory.ts';
import type { DataMove } from '../data-move.ts';
import type { ContractSource } from '../headless/rpc-socket.ts';
import { openSettingsAlone } from '../open-settings.ts';

/** The calls of the node, and those of the move. */
export function withMove(contract: ContractSource, move: DataMove): ContractSource {
  return {
    handlers: { ...contract.handlers, ...move.handlers },
    on: (name, listener) => (name === 'move' ? move.on(listener as never) : contract.on(name, listener)),
  };
}

interface MoveDeps {
  readonly move: DataMove;
  readonly directory: DataDirectory;
  /** Resolves when nothing of the node is open any more. */
  readonly stopNode: () => Promise<void>;
  /** From now on the window is served by this. */
  readonly show: (contract: ContractSource) => void;
  /** The app is to end: everything stays where it was. */
  readonly signal: AbortSignal;
}

/** Waits until it is wanted, then carries it out. Rejects when the directory cannot be locked. */
export async function moveWhenWanted({ move, directory, stopNode, show, signal }: MoveDeps): Promise<void> {
  await move.wanted;
  await stopNode();
  const held = await openSettingsAlone({ directory, what: 'the app', network: undefined, bootstrap: [] });
  try {
    show(move.contract(held.settings));
    await move.run(signal);
  } finally {
    await held.close();
  }
}
