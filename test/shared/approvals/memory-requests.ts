import { stateOf } from "../../../shared/approvals/item.ts";
import type { ApprovalRequest } from "../../../shared/approvals/request.ts";
import type { RequestStore } from "../../../shared/approvals/store.ts";
import type { Entry } from "../../../shared/ledger/entry.ts";

/** The requests of an account in memory, with the conditions of the table's writes. */
export class MemoryRequests implements RequestStore {
  readonly #requests = new Map<string, ApprovalRequest>();
  readonly trail: Entry[] = [];

  of(resource: string): ApprovalRequest | undefined {
    return this.#requests.get(resource);
  }

  async find(id: string) {
    return [...this.#requests.values()].find((request) => request.id === id);
  }

  async replace(before: ApprovalRequest | undefined, after: ApprovalRequest) {
    const standing = this.#requests.get(after.resource);
    if (standing?.id !== before?.id || (standing && before && stateOf(standing) !== stateOf(before)))
      return false;
    this.#requests.set(after.resource, after);
    return true;
  }

  async record(_resource: string, entry: Entry) {
    this.trail.push(entry);
  }
}
