/** Outcome of an operation that may fail in an expected way; `code` is stable, see the module that defines it. */
export type Result<Value, Code extends string> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly code: Code };

export function ok<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

export function fail<Code extends string>(code: Code): { ok: false; code: Code } {
  return { ok: false, code };
}
