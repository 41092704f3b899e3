/**
 * Every failure that a person or a program can meet has one stable code from this list.
 * Nobody matches on a message; messages may be reworded, codes may not.
 */
export const ERROR_CODES = [
  'unexpected',
  'usage',
  'weak-password',
  'not-in-version',
  'not-found',
  'no-route',
  'offline',
  'busy',
  'damaged',
  'bad-link',
  'deleted',
  'refused',
  'locked',
  'data-in-use',
  'no-space',
  'cancelled',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Exit codes of the command line (interface of the command line, "Exit codes"). 130 is the shell's own for SIGINT. */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  unexpected: 1,
  usage: 2,
  'weak-password': 2,
  'not-in-version': 2,
  'not-found': 3,
  'no-route': 4,
  offline: 4,
  busy: 5,
  damaged: 6,
  'bad-link': 7,
  deleted: 8,
  refused: 9,
  locked: 9,
  'data-in-use': 10,
  'no-space': 11,
  cancelled: 130,
};

/** What happened and what to do, in one line, with its code. Safe to show to a person and to send over the interface. */
export class BroadsideError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BroadsideError';
    this.code = code;
  }
}

/** Turns anything thrown into a BroadsideError; what is not one already is a defect and becomes 'unexpected'. */
export function toBroadsideError(thrown: unknown): BroadsideError {
  if (thrown instanceof BroadsideError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BroadsideError('unexpected', message, { cause: thrown });
}
