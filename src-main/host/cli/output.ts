/** The command line's two streams: results on standard output, everything else on standard error. */
import type { ErrorCode } from '../../../shared/base/errors.ts';

export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** True when standard error is a terminal that can redraw a line. */
  readonly terminal: boolean;
  /** Columns of the terminal. */
  width(): number;
  /** A message that is not a result; nothing when quiet. */
  say(text: string): void;
  /** Redraws the progress line (terminal only). An empty text takes it away. */
  progress(text: string): void;
  /** The result: as JSON when asked for, else as text for people. */
  result(value: unknown, text: string): void;
  error(code: ErrorCode, message: string): void;
}

export function createOutput(options: { readonly json: boolean; readonly quiet: boolean }): Output {
  const { json, quiet } = options;
  const terminal = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  let shown = false;
  const clear = (): void => {
    if (shown) process.stderr.write('\r\x1b[K');
    shown = false;
  };
  return {
    json,
    quiet,
    terminal,
    width: () => process.stderr.columns ?? 80,
    say(text) {
      if (quiet) return;
      clear();
      process.stderr.write(`${text}\n`);
    },
    progress(text) {
      if (quiet || !terminal) return;
      clear();
      if (text === '') return;
      process.stderr.write(text);
      shown = true;
    },
    result(value, text) {
      clear();
      process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
    },
    error(code, message) {
      clear();
      process.stderr.write(`broadside: ${oneLine(message)}\n`);
      if (json) process.stdout.write(`${JSON.stringify({ error: { code, message: oneLine(message) } })}\n`);
    },
  };
}

/** Messages may hold names from outside: a line stays a line, and no control character reaches a terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** The same for text that is shown to people and may have lines of its own making. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\u{fffd}');
}
