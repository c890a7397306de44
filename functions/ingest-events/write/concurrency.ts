/**
 * Runs `work` for each job, in order, at most `lanes` of them at once, for as long as `mayStart` says so.
 * Waits for all that was started, then throws what the first of them threw, if any; nothing is started after
 * that.
 */
export async function forEachConcurrently<T>(
  jobs: readonly T[],
  lanes: number,
  mayStart: () => boolean,
  work: (job: T) => Promise<void>,
): Promise<void> {
  const waiting = jobs.values();
  let failed = false;
  const lane = async () => {
    for (const job of waiting) {
      if (failed || !mayStart()) return;
      try {
        await work(job);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(lanes, jobs.length) }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
