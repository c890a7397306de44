/**
 * Does `task` for every item, in order and at most `limit` at once, and answers in the items' order.
 * Items that are made on the way are made when their turn comes.
 *
 * After a task that throws, nothing more is started: what was started is waited for, and the first error is
 * thrown. A task that must not stop the others answers with its failure instead.
 *
 * @param mayStart asked before each item; once it says no, the remaining items have no answer
 */
export async function inParallel<T, R>(
  items: Iterable<T>,
  limit: number,
  task: (item: T) => Promise<R>,
  mayStart: () => boolean = () => true,
): Promise<R[]> {
  const results = new Map<number, R>();
  const errors: unknown[] = [];
  const waiting = items[Symbol.iterator]();
  let started = 0;
  const worker = async () => {
    while (errors.length === 0 && mayStart()) {
      const next = waiting.next();
      if (next.done === true) return;
      const index = started;
      started += 1;
      try {
        results.set(index, await task(next.value));
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (errors.length > 0) throw errors[0];
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
