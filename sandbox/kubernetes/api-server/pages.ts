import { randomUUID } from "node:crypto";
import type { KubeObject } from "../object.ts";
import { ApiError } from "./api-error.ts";

interface Snapshot {
  readonly items: readonly KubeObject[];
  readonly version: number;
}

/** Lists begun and not yet read to their end; the oldest is forgotten first, as etcd compacts. */
const KEPT = 50;

/** Pages of a list, all of one moment: `continue` goes on in the list as it was when it was begun. */
export class Pages {
  readonly #begun = new Map<string, Snapshot>();

  /** @throws {ApiError} 410 when the list is no longer kept */
  page(
    token: string | null,
    limit: number,
    list: () => Snapshot,
  ): {
    items: readonly KubeObject[];
    metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  } {
    const [id = "", offset = "0"] = token ? Buffer.from(token, "base64url").toString().split("/") : [];
    const snapshot = token ? this.#begun.get(id) : list();
    if (!snapshot) {
      throw new ApiError(
        410,
        "Expired",
        "The provided continue parameter is too old to display a consistent list result.",
      );
    }
    const from = Number(offset);
    const to = limit > 0 ? from + limit : snapshot.items.length;
    const remaining = snapshot.items.length - to;
    const items = snapshot.items.slice(from, to);
    const resourceVersion = String(snapshot.version);
    if (remaining <= 0) {
      this.#begun.delete(id);
      return { items, metadata: { resourceVersion } };
    }
    const key = id || randomUUID();
    this.#begun.set(key, snapshot);
    for (const old of this.#begun.keys()) {
      if (this.#begun.size <= KEPT) break;
      this.#begun.delete(old);
    }
    const next = Buffer.from(`${key}/${to}`).toString("base64url");
    return { items, metadata: { resourceVersion, continue: next, remainingItemCount: remaining } };
  }

  /** Forgets every list that was begun, as after a compaction. */
  forget(): void {
    this.#begun.clear();
  }
}
