/** Time that passes only when nothing is left to do now: hours of waiting take no real time. */
export interface VirtualTime {
  readonly now: () => number;
  /** Resolves so many ms later. */
  sleep(ms: number): Promise<void>;
  /** Lets time pass until `work` has ended, or until a moment (ms since the epoch). */
  until<T>(work: Promise<T>, moment?: number): Promise<T | undefined>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createVirtualTime(start: number): VirtualTime {
  let now = start;
  /** By when they wake, the latest first. */
  const sleepers: Sleeper[] = [];

  function add(sleeper: Sleeper): void {
    let [low, high] = [0, sleepers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sleepers[middle]?.at ?? 0) > sleeper.at) low = middle + 1;
      else high = middle;
    }
    sleepers.splice(low, 0, sleeper);
  }

  return {
    now: () => now,
    sleep: (ms) => new Promise((wake) => add({ at: now + Math.max(0, ms), wake })),
    async until(work, moment = Number.POSITIVE_INFINITY) {
      let ended = false;
      const settle = () => {
        ended = true;
      };
      work.then(settle, settle);
      for (;;) {
        // Everything that can go on without time has gone on.
        await new Promise(setImmediate);
        if (ended) return work;
        const next = sleepers.at(-1);
        if (!next || next.at > moment) {
          now = Number.isFinite(moment) ? Math.max(now, moment) : now;
          return undefined;
        }
        sleepers.pop();
        now = Math.max(now, next.at);
        next.wake();
      }
    },
  };
}
