import type { StreamPolicy } from "../config/policy.ts";
import type { Poison } from "../decode/event.ts";
import type { Write } from "../plan/item.ts";
import type { KeyGroup } from "../plan/plan.ts";
import { sameItem } from "../plan/same-item.ts";
import { StoredItem } from "../plan/stored-item.ts";
import { classifyExisting } from "./classify-existing.ts";

/** What became of every write of the plan: each is in exactly one of these. */
export interface Written {
  readonly stored: readonly Write[];
  /** The table holds the same item. */
  readonly duplicates: readonly Write[];
  /** Only in `latest`: the table holds a later version. */
  readonly superseded: readonly Write[];
  /** The table holds something else under this key. */
  readonly conflicts: readonly Conflict[];
  /** DynamoDB will never take it. */
  readonly refused: readonly Poison[];
  /** Not known to be done: the time was over, or an earlier one of the same key is not done. */
  readonly unfinished: readonly Write[];
  /** Calls made again after a throttle, a 5xx or no answer. */
  readonly retries: number;
}

export interface Conflict {
  readonly write: Write;
  /** Absent once the conflicts before took `MAX_STORED_BYTES` together. */
  readonly stored?: StoredItem;
}

/** Of what conflicts stand against, which is held until they are in quarantine. */
const MAX_STORED_BYTES = 16 * 1024 * 1024;

/** Notes what became of each write: every one in exactly one of the lists of `Written`. */
export class Outcomes {
  #retries = 0;
  #storedLeft = MAX_STORED_BYTES;
  readonly #policy: Pick<StreamPolicy, "version" | "ofPlace">;
  readonly #stored: Write[] = [];
  readonly #duplicates: Write[] = [];
  readonly #superseded: Write[] = [];
  readonly #conflicts: Conflict[] = [];
  readonly #refused: Poison[] = [];
  readonly #settled = new Set<Write>();

  constructor(policy: Pick<StreamPolicy, "version" | "ofPlace">) {
    this.#policy = policy;
  }

  countRetry(): void {
    this.#retries += 1;
  }

  /** The first of the group is in the table; the others are compared with it. */
  stored({ writes: [first, ...others] }: KeyGroup): void {
    this.#stored.push(first);
    this.#settled.add(first);
    if (others.length === 0) return;
    const item = new StoredItem(first.item.json);
    for (const other of others) this.#compare(other, item);
  }

  /**
   * Something else is in the table.
   * @param mayBeOurs a call of ours, whose answer got lost, may have put it there.
   */
  exists(group: KeyGroup, stored: StoredItem, mayBeOurs: boolean): void {
    if (mayBeOurs && sameItem(group.writes[0].item, stored)) this.stored(group);
    else for (const write of group.writes) this.#compare(write, stored);
  }

  /**
   * DynamoDB does not take the first of the group.
   * @returns the rest of the group, if there is any: its next write may be taken.
   */
  refused({ key, writes: [first, second, ...others] }: KeyGroup, message: string): readonly KeyGroup[] {
    const detail = `DynamoDB refused it: ${message}`;
    this.#refused.push({ origin: first.origin, reason: "refused", detail });
    this.#settled.add(first);
    return second === undefined ? [] : [{ key, writes: [second, ...others] }];
  }

  /** All of it, once nothing more will be written. */
  of(groups: readonly KeyGroup[]): Written {
    return {
      stored: this.#stored,
      duplicates: this.#duplicates,
      superseded: this.#superseded,
      conflicts: this.#conflicts,
      refused: this.#refused,
      unfinished: groups.flatMap(({ writes }) => writes.filter((write) => !this.#settled.has(write))),
      retries: this.#retries,
    };
  }

  #compare(write: Write, stored: StoredItem): void {
    this.#settled.add(write);
    switch (classifyExisting(this.#policy, write, stored)) {
      case "duplicate":
        this.#duplicates.push(write);
        break;
      case "superseded":
        this.#superseded.push(write);
        break;
      case "conflict":
        this.#conflicts.push(this.#conflict(write, stored));
    }
  }

  #conflict(write: Write, stored: StoredItem): Conflict {
    this.#storedLeft -= stored.json.length;
    return this.#storedLeft < 0 ? { write } : { write, stored: stored.detached() };
  }
}

/** What became of two plans, as of one. */
export function together(a: Written, b: Written): Written {
  return {
    stored: [...a.stored, ...b.stored],
    duplicates: [...a.duplicates, ...b.duplicates],
    superseded: [...a.superseded, ...b.superseded],
    conflicts: [...a.conflicts, ...b.conflicts],
    refused: [...a.refused, ...b.refused],
    unfinished: [...a.unfinished, ...b.unfinished],
    retries: a.retries + b.retries,
  };
}
