import type { StreamPolicy } from "../../../functions/ingest-events/config/policy.ts";
import { canonicalNumber } from "../../../functions/ingest-events/decode/decimal.ts";
import type { Item } from "../../../functions/ingest-events/plan/attributes.ts";
import { compareVersions, type Version } from "../../../functions/ingest-events/plan/version.ts";
import type { Answer, Table } from "../../../functions/ingest-events/write/table.ts";

/** What happens to one call. */
export type Fate =
  | "answered"
  /** Not done; the caller is told. */
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
  /** Calls by kind. */
  readonly calls = { putAll: 0, putNew: 0, putNewer: 0 };
  readonly #policy: StreamPolicy;

  constructor(policy: StreamPolicy) {
    this.#policy = policy;
  }

  /** The table as one invocation sees it. */
  table(fates: Fates = { next: () => "answered", meanwhile: async () => {} }): Table {
    const inFlight = new Set<string>();
    const alone = async (items: readonly Item[], call: () => Promise<Answer>): Promise<Answer> => {
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
    const putIf = (item: Item, holds: (stored: Item) => boolean) =>
      alone([item], async () => {
        const fate = fates.next();
        await fates.meanwhile();
        if (fate === "throttled") return { kind: "again", mayBeApplied: false };
        if (fate === "failed") return { kind: "again", mayBeApplied: true };
        const stored = this.items.get(this.keyOf(item));
        const refused = stored !== undefined && !holds(stored);
        if (!refused) this.#put(item);
        await fates.meanwhile();
        if (fate === "lost") return { kind: "again", mayBeApplied: true };
        return refused ? { kind: "exists", stored } : { kind: "done" };
      });

    return {
      putAll: (items) =>
        alone(items, async () => {
          this.calls.putAll += 1;
          if (items.length > 25) this.violations.push(`${items.length} items in one request`);
          if (new Set(items.map((item) => this.keyOf(item))).size < items.length) {
            return { kind: "refused", message: "Provided list of item keys contains duplicates" };
          }
          const fate = fates.next();
          await fates.meanwhile();
          if (fate === "throttled") return { kind: "again", mayBeApplied: false };
          if (fate === "failed") return { kind: "again", mayBeApplied: true };
          const left: number[] = [];
          for (const [index, item] of items.entries()) {
            if (fate === "partly" && fates.next() !== "answered") left.push(index);
            else this.#put(item);
            await fates.meanwhile();
          }
          if (fate === "lost") return { kind: "again", mayBeApplied: true };
          return left.length > 0 ? { kind: "partly", left } : { kind: "done" };
        }),
      putNew: (item) => {
        this.calls.putNew += 1;
        return putIf(item, () => false);
      },
      putNewer: (item, version) => {
        this.calls.putNewer += 1;
        return putIf(item, (stored) => this.#isOlder(stored, version));
      },
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
