/** What a writer does while the disk fails under it, and how it is seen that it did it well. */

/** A writer of the program that is open on a directory. */
export interface FaultSession {
  /** Throws what the program says. May be called again after it did. */
  act(): Promise<void>;
  /** Faults are off: what was there before is there, and whole. */
  intact(): Promise<void>;
  /** `act` came to its end: all that it told of is there. */
  done(): Promise<void>;
  /** Of what is not closed yet. */
  close(): Promise<void>;
}

export interface FaultScenario {
  readonly name: string;
  /** SQLite or a thread writes, so that node:fs does not see it. */
  readonly isNative: boolean;
  /** A try takes seconds: few of its writes are tried in `npm test`. */
  readonly isSlow?: boolean;
  /** A help, not a record: the program goes on without it, and says nothing. */
  readonly isQuiet?: boolean;
  /** What was there before the disk began to fail. */
  prepare(directory: string): Promise<void>;
  open(directory: string): Promise<FaultSession>;
}

export const nothing = async (): Promise<void> => {};
