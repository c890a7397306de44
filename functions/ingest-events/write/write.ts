import type { StreamPolicy } from "../config/policy.ts";
import type { Poison } from "../decode/decode.ts";
import type { Item } from "../plan/attributes.ts";
import type { Write } from "../plan/item.ts";
import type { KeyGroup } from "../plan/plan.ts";
import { sameItem } from "../plan/same-item.ts";
import { batchesOf } from "./batches.ts";
import { classifyExisting } from "./classify-existing.ts";
import { forEachConcurrently } from "./concurrency.ts";
import type { Table } from "./table.ts";
import { type Budget, pauseBeforeRetry } from "./time-budget.ts";

/** What became of every write of the plan: each is in exactly one of these. */
export interface Written {
  readonly stored: readonly Write[];
  /** What stands in the table is the same. */
  readonly duplicates: readonly Write[];
  /** Only in `latest`: a later version stands in the table. */
  readonly superseded: readonly Write[];
  /** What stands in the table under this key is something else. */
  readonly conflicts: readonly Conflict[];
  /** DynamoDB will never take it. */
  readonly refused: readonly Poison[];
  /** Not known to be done: the budget was over, or an earlier one of the same key is not done. */
  readonly unfinished: readonly Write[];
  /** Calls made again after a throttle, a 5xx or no answer. */
  readonly retries: number;
}

export interface Conflict {
  readonly write: Write;
  readonly stored: Item;
}

/** Requests in flight. A BatchWriteItem carries up to 25 writes, a conditional put one. */
const BATCHES_IN_FLIGHT = 8;
const PUTS_IN_FLIGHT = 32;

/**
 * Carries out a plan. There is one group a key, each in one request at a time, so no two writes for a key are
 * ever in flight together, retries included.
 * @throws Blocked, Misconfigured if the table cannot be written at all.
 */
export async function write(
  groups: readonly KeyGroup[],
  policy: Pick<StreamPolicy, "mode" | "version">,
  table: Table,
  budget: Budget,
): Promise<Written> {
  const outcomes = new Outcomes(policy);
  const inTime = () => budget.left() > 0;
  if (policy.mode === "append") {
    await forEachConcurrently(batchesOf(groups), BATCHES_IN_FLIGHT, inTime, (chunk) =>
      writeChunk(chunk, table, budget, outcomes),
    );
  } else {
    await forEachConcurrently(groups, PUTS_IN_FLIGHT, inTime, (group) =>
      writeGroup(group, table, budget, outcomes),
    );
  }
  return outcomes.of(groups);
}

/** Writes the first of each group without condition, until none is left or the budget is over. */
async function writeChunk(
  chunk: readonly KeyGroup[],
  table: Table,
  budget: Budget,
  outcomes: Outcomes,
): Promise<void> {
  let left = chunk;
  for (let attempt = 1; ; attempt += 1) {
    const items = left.map((group) => group.writes[0].item);
    const answer = await table.putAll(items, budget.signal);
    if (answer.kind === "done") {
      for (const group of left) outcomes.stored(group);
      return;
    }
    if (answer.kind === "refused") return writeRefusedChunk(left, answer.message, table, budget, outcomes);
    if (answer.kind === "partly") {
      const missing = new Set(answer.left);
      for (const [index, group] of left.entries()) if (!missing.has(index)) outcomes.stored(group);
      // It goes forward: begin with the short pauses again.
      if (missing.size < left.length) attempt = 1;
      left = left.filter((_group, index) => missing.has(index));
    }
    outcomes.retries += 1;
    if (!(await pauseBeforeRetry(budget, attempt))) return;
  }
}

/** One item that DynamoDB refuses has the whole request refused: halve it until that one is alone. */
async function writeRefusedChunk(
  chunk: readonly KeyGroup[],
  message: string,
  table: Table,
  budget: Budget,
  outcomes: Outcomes,
): Promise<void> {
  const [alone, ...others] = chunk;
  if (alone !== undefined && others.length === 0) {
    const rest = outcomes.refused(alone, message);
    return rest && writeChunk([rest], table, budget, outcomes);
  }
  const middle = Math.ceil(chunk.length / 2);
  for (const half of [chunk.slice(0, middle), chunk.slice(middle)]) {
    if (budget.left() > 0) await writeChunk(half, table, budget, outcomes);
  }
}

/** Writes the first of a group on condition that it belongs there. */
async function writeGroup(group: KeyGroup, table: Table, budget: Budget, outcomes: Outcomes): Promise<void> {
  const [first] = group.writes;
  let mayBeApplied = false;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await (first.version === undefined
      ? table.putNew(first.item, budget.signal)
      : table.putNewer(first.item, first.version, budget.signal));
    if (answer.kind === "done") return outcomes.stored(group);
    if (answer.kind === "exists") return outcomes.exists(group, answer.stored, mayBeApplied);
    if (answer.kind === "refused") {
      const rest = outcomes.refused(group, answer.message);
      return rest && writeGroup(rest, table, budget, outcomes);
    }
    mayBeApplied ||= answer.kind === "again" && answer.mayBeApplied;
    outcomes.retries += 1;
    if (!(await pauseBeforeRetry(budget, attempt))) return;
  }
}

class Outcomes {
  retries = 0;
  readonly #policy: Pick<StreamPolicy, "version">;
  readonly #stored: Write[] = [];
  readonly #duplicates: Write[] = [];
  readonly #superseded: Write[] = [];
  readonly #conflicts: Conflict[] = [];
  readonly #refused: Poison[] = [];
  readonly #settled = new Set<Write>();

  constructor(policy: Pick<StreamPolicy, "version">) {
    this.#policy = policy;
  }

  /** The first of the group stands in the table; the others are held against it. */
  stored(group: KeyGroup): void {
    const [first, ...others] = group.writes;
    this.#stored.push(first);
    this.#settled.add(first);
    for (const other of others) this.#hold(other, first.item);
  }

  /** Something else stands in the table; unless it is what a call of ours, whose answer got lost, put there. */
  exists(group: KeyGroup, stored: Item, mayBeOurs: boolean): void {
    if (mayBeOurs && sameItem(group.writes[0].item, stored)) this.stored(group);
    else for (const write of group.writes) this.#hold(write, stored);
  }

  /** The first of the group is not taken; what is left of the group may be. */
  refused(group: KeyGroup, message: string): KeyGroup | undefined {
    const [first, second, ...others] = group.writes;
    this.#refused.push({
      origin: first.origin,
      reason: "refused",
      detail: `DynamoDB refused it: ${message}`,
    });
    this.#settled.add(first);
    return second && { key: group.key, writes: [second, ...others] };
  }

  of(groups: readonly KeyGroup[]): Written {
    const unfinished: Write[] = [];
    for (const { writes } of groups) {
      for (const write of writes) if (!this.#settled.has(write)) unfinished.push(write);
    }
    return {
      stored: this.#stored,
      duplicates: this.#duplicates,
      superseded: this.#superseded,
      conflicts: this.#conflicts,
      refused: this.#refused,
      unfinished,
      retries: this.retries,
    };
  }

  #hold(write: Write, stored: Item): void {
    this.#settled.add(write);
    const verdict = classifyExisting(this.#policy, write, stored);
    if (verdict === "duplicate") this.#duplicates.push(write);
    else if (verdict === "superseded") this.#superseded.push(write);
    else this.#conflicts.push({ write, stored });
  }
}
