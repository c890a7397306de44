import { asFailure } from "../../../../shared/aws/failure.ts";
import { type ReflexError, RetryLater } from "../../../../shared/lambda/errors.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import { changedIncidents, withIncidents } from "../../state/past-incidents.ts";
import type { SiteState } from "../../state/state.ts";
import type { Dependencies } from "../dependencies.ts";

/** Another part of the list may write the item at the same moment. */
const TRIES = 5;

/** Remembers the incidents that this run opened, closed or made worse, for the status page. */
export async function saveIncidents(
  before: ReadonlyMap<string, SiteState>,
  after: ReadonlyMap<string, SiteState>,
  { signal, clock }: Pick<Run, "signal" | "clock">,
  { store, sites }: Pick<Dependencies, "store" | "sites">,
): Promise<ReflexError[]> {
  const changed = sites.statusPage ? changedIncidents(before, after) : [];
  if (changed.length === 0) return [];
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const stored = await store.readIncidents(signal);
      const incidents = withIncidents(stored?.state?.incidents ?? [], changed);
      const item = { version: stored?.version ?? 0, state: { incidents }, outbox: {} };
      if (await store.writeIncidents(item, clock.now(), signal)) return [];
    }
    return [new RetryLater("other runs wrote the past incidents meanwhile: the status page misses one")];
  } catch (error) {
    return [asFailure(error, "dynamodb:UpdateItem", "the past incidents")];
  }
}
