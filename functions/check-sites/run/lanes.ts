/** How many tasks run at once. */
export interface LaneLimits {
  /** Tasks at work. */
  readonly lanes: number;
  /** A task that takes longer only waits: its lane is free for another. */
  readonly slowAfterMs: number;
  /** All tasks at once, those that wait too. */
  readonly most: number;
}

/**
 * Does `task` for every item and answers in the items' order, as `inParallel` does. But a task that waits for long
 * (a site that hangs) holds no lane: it would keep the healthy ones from their turn. `task` must not throw.
 */
export function inLanes<T, R>(
  items: readonly T[],
  { lanes, slowAfterMs, most }: LaneLimits,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  return new Promise((resolve) => {
    const results = new Map<number, R>();
    let next = 0;
    let atWork = 0;
    let inFlight = 0;

    const start = async (item: T, index: number): Promise<void> => {
      atWork += 1;
      inFlight += 1;
      let isSlow = false;
      const timer = setTimeout(() => {
        isSlow = true;
        atWork -= 1;
        fill();
      }, slowAfterMs);
      results.set(index, await task(item));
      clearTimeout(timer);
      if (!isSlow) atWork -= 1;
      inFlight -= 1;
      fill();
    };
    const fill = (): void => {
      if (results.size === items.length) resolve(items.map((_, index) => results.get(index) as R));
      while (next < items.length && atWork < lanes && inFlight < most) {
        const index = next++;
        void start(items[index] as T, index);
      }
    };
    fill();
  });
}
