/** Many small pieces of work, a few at once. */

/** The values in the order of their items. The first that fails is what it throws; none is begun after that. */
export async function inParallel<Item, Value>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const values = Array.from<Value>({ length: items.length });
  let next = 0;
  const lanes = Array.from({ length: Math.min(width, items.length) }, async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      try {
        values[index] = await work(items[index]!);
      } catch (thrown) {
        next = items.length;
        throw thrown;
      }
    }
  });
  const outcomes = await Promise.allSettled(lanes);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return values;
}
