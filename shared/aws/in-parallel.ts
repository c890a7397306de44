/**
 * Does `task` for every item, in order and at most `limit` at once, and answers in the items' order.
 *
 * After a task that throws, nothing more is started: what was started is waited for, and the first error is
 * thrown. A task that must not stop the others answers with its failure instead.
 *
 * @param mayStart asked before each item; once it says no, the remaining items have no answer
 */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<R>,
  mayStart: () => boolean = () => true,
): Promise<R[]> {
  const results = new Map<number, R>();
  const errors: unknown[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      if (errors.length > 0 || !mayStart()) return;
      try {
        results.set(index, await task(item));
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
