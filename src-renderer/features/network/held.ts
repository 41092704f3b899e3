/** What stays the same is not drawn again: an answer of the node that says what the last one said is the last one. */

/** `last` if it says the same as `next`, part by part for objects and lists; else `next`, with what stayed of `last` in it. */
export function held<Value>(last: Value | undefined, next: Value): Value {
  if (last === next || typeof last !== 'object' || typeof next !== 'object' || last === null || next === null)
    return Object.is(last, next) ? (last as Value) : next;
  if (Array.isArray(last) !== Array.isArray(next)) return next;
  const before = last as Readonly<Record<string, unknown>>;
  const after = next as Readonly<Record<string, unknown>>;
  const names = Object.keys(after);
  const merged = names.map((name) => held(before[name], after[name]));
  const same =
    names.length === Object.keys(before).length &&
    names.every((name, index) => name in before && merged[index] === before[name]);
  if (same) return last;
  return (
    Array.isArray(next) ? merged : Object.fromEntries(names.map((name, index) => [name, merged[index]]))
  ) as Value;
}
