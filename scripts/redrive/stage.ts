const QUEUE = /(?:^|\/)reflex-([\w-]+?)-(?:quarantine|failed-batches)$/;

/**
 * The stage a queue belongs to, from its name or URL. Records go through the function of that stage and of no other: the
 * function of another would write them to another's tables, and the queue would be emptied all the same.
 * @throws {Error} if the name says no stage
 */
export function stageOf(queue: string): string {
  const [, stage] = QUEUE.exec(queue) ?? [];
  if (stage !== undefined) return stage;
  throw new Error(
    `--queue: found "${queue}", expected reflex-<stage>-quarantine or reflex-<stage>-failed-batches: its name says whose function its records go through`,
  );
}
