import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { StreamPolicy } from "../config/policy.ts";
import type { Write } from "../plan/item.ts";
import type { KeyGroup } from "../plan/plan.ts";
import type { Answer, Table } from "./answer.ts";
import { batchesOf } from "./batches.ts";
import { Outcomes, type Written } from "./outcomes.ts";
import { type Budget, pauseBeforeRetry } from "./time-budget.ts";

/**
 * Carries out a plan. There is one group a key, each in one call at a time, so no two writes for a key are ever in
 * flight together, retries included.
 * @throws Blocked, Misconfigured if the table cannot be written at all.
 */
export async function write(
  groups: readonly KeyGroup[],
  policy: Pick<StreamPolicy, "version" | "ofPlace">,
  table: Table,
  budget: Budget,
): Promise<Written> {
  const writer = new Writer(table, budget, new Outcomes(policy));
  const hasTime = () => budget.left() > 0;
  await inParallel(
    batchesOf(groups, table.maxWrites),
    table.callsInFlight,
    (batch) => writer.write(batch),
    hasTime,
  );
  return writer.outcomes.of(groups);
}

class Writer {
  readonly outcomes: Outcomes;
  readonly #table: Table;
  readonly #budget: Budget;
  /** Groups whose write a lost answer may have carried out. */
  readonly #mayBeOurs = new Set<Write>();

  constructor(table: Table, budget: Budget, outcomes: Outcomes) {
    this.#table = table;
    this.#budget = budget;
    this.outcomes = outcomes;
  }

  /** Writes the first of each group, until none is left or the time is over. */
  async write(batch: readonly KeyGroup[]): Promise<void> {
    let left = batch;
    for (let attempt = 1; ; attempt += 1) {
      const firsts = left.map(({ writes }) => writes[0]);
      const answers = await this.#table.write(firsts, this.#budget.signal);
      if ("refusedTogether" in answers) return this.#writeApart(left, answers.refusedTogether);
      const again = left.flatMap((group, index) => this.#settle(group, answers[index]));
      if (again.length === 0) return;
      // It goes forward: begin with the short pauses again.
      if (again.length < left.length) attempt = 1;
      left = again;
      this.outcomes.countRetry();
      if (!(await pauseBeforeRetry(this.#budget, attempt))) return;
    }
  }

  /** @returns what is still to be written of the group. */
  #settle(group: KeyGroup, answer: Answer | undefined): readonly KeyGroup[] {
    const [first] = group.writes;
    switch (answer?.kind) {
      case "done":
        this.outcomes.stored(group);
        return [];
      case "exists":
        this.outcomes.exists(group, answer.stored, this.#mayBeOurs.has(first));
        return [];
      case "refused":
        return this.outcomes.refused(group, answer.message);
      default:
        if (answer?.mayBeApplied !== false) this.#mayBeOurs.add(first);
        return [group];
    }
  }

  /** One item that DynamoDB refuses has the whole call refused: halve it until that one is alone. */
  async #writeApart(batch: readonly KeyGroup[], message: string): Promise<void> {
    const [first] = batch;
    if (first !== undefined && batch.length === 1) {
      const rest = this.outcomes.refused(first, message);
      if (rest.length > 0) await this.write(rest);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      if (this.#budget.left() > 0) await this.write(half);
    }
  }
}
