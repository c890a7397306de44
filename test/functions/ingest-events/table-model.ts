import type { StreamPolicy } from "../../../functions/ingest-events/config/policy.ts";
import { canonicalNumber } from "../../../functions/ingest-events/decode/decimal.ts";
import type { Item } from "../../../functions/ingest-events/plan/encoded-item.ts";
import type { Write } from "../../../functions/ingest-events/plan/item.ts";
import { compareVersions, type Version } from "../../../functions/ingest-events/plan/version.ts";
import type { Answer, Answers, Table } from "../../../functions/ingest-events/write/answer.ts";
import { storedItem } from "./dynamo-answers.ts";

/** What happens to one call. */
export type Fate =
  | "answered"
  /** Not done; the caller gets an error. */
  | "throttled"
  /** Not done; the caller cannot know. */
  | "failed"
  /** Done, and the answer is lost. */
  | "lost"
  /** Some of a batch is done. */
  | "partly";

export interface Fates {
  readonly next: () => Fate;
  /** Waits for a while, so that calls overlap in every way; returns when the call is carried out. */
  readonly meanwhile: () => Promise<void>;
}

/** A DynamoDB table in memory, with DynamoDB's rules for requests, and faults on order. */
export class TableModel {
  readonly items = new Map<string, Item>();
  /** What no caller may do: two writes of one key at once, a version that goes back, a request too large. */
  readonly violations: string[] = [];
  /** Calls so far. */
  calls = 0;
  readonly #policy: StreamPolicy;

  constructor(policy: StreamPolicy) {
    this.#policy = policy;
  }

  /** The table as one invocation sees it. */
  table(
    fates: Fates = { next: () => "answered", meanwhile: async () => {} },
    how: "by its mode" | "on condition" = "by its mode",
  ): Table {
    const inFlight = new Set<string>();
    const alone = async (items: readonly Item[], call: () => Promise<Answers>): Promise<Answers> => {
      const keys = items.map((item) => this.keyOf(item));
      for (const key of keys) {
        if (inFlight.has(key)) this.violations.push(`two writes in flight for ${key}`);
        inFlight.add(key);
      }
      try {
        return await call();
      } finally {
        for (const key of keys) inFlight.delete(key);
      }
    };
    /** An item that the condition of its mode is held against. */
    const putOne = async ({ item: encoded, version, action }: Write, fate: Fate): Promise<Answer> => {
      const item = encoded.attributes;
      if (fate === "throttled") return { kind: "again", mayBeApplied: false };
      if (fate === "failed") return { kind: "again", mayBeApplied: true };
      const stored = this.items.get(this.keyOf(item));
      const holds =
        (this.#policy.mode === "append" && how === "by its mode") ||
        stored === undefined ||
        (version !== undefined && this.#isOlder(stored, version));
      if (holds && action === "delete") this.items.delete(this.keyOf(item));
      else if (holds) this.#put(item);
      await fates.meanwhile();
      if (fate === "lost") return { kind: "again", mayBeApplied: true };
      return stored === undefined || holds
        ? { kind: "done" }
        : { kind: "exists", stored: storedItem(stored) };
    };
    const maxWrites = 25;
    return {
      maxWrites,
      callsInFlight: 8,
      write: (writes) =>
        alone(
          writes.map(({ item }) => item.attributes),
          async () => {
            this.calls += 1;
            if (writes.length > maxWrites) this.violations.push(`${writes.length} items in one request`);
            if (new Set(writes.map(({ key }) => key)).size < writes.length) {
              return { refusedTogether: "Provided list of item keys contains duplicates" };
            }
            const fate = fates.next();
            await fates.meanwhile();
            const answers: Answer[] = [];
            for (const write of writes) {
              const left = fate === "partly" && writes.length > 1 && fates.next() !== "answered";
              answers.push(await putOne(write, fate !== "partly" ? fate : left ? "throttled" : "answered"));
            }
            return answers;
          },
        ),
    };
  }

  keyOf(item: Item): string {
    return JSON.stringify(
      this.#policy.key.map(({ attribute }) => {
        const value = item[attribute];
        return value?.N === undefined ? value?.S : canonicalNumber(value.N);
      }),
    );
  }

  #isOlder(stored: Item, version: Version): boolean {
    const order = compareVersions(version, stored[this.#policy.version?.attribute ?? ""]);
    return order !== undefined && order > 0;
  }

  #put(item: Item): void {
    const key = this.keyOf(item);
    const { version } = this.#policy;
    const before = this.items.get(key);
    if (version !== undefined && before !== undefined) {
      const found = item[version.attribute];
      const order = found && compareVersions(found as Version, before[version.attribute]);
      if (order === undefined || order <= 0) this.violations.push(`the version of ${key} went back`);
    }
    this.items.set(key, item);
  }
}
