import type {
  StoredStream,
  WatchlistStore,
} from "../../functions/reshard-streams/triggers/watchlist-store.ts";
import { RetryLater } from "../../shared/lambda/errors.ts";
import type { Entry, History } from "../../shared/ledger/entry.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { Outbox } from "../../shared/ledger/outbox.ts";
import type { IncidentRecord } from "../../shared/ledger/outbox-item.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** DynamoDB answers in so many ms. */
const TAKES_MS = 10;
const LEASE_MS = 90_000;

/** What outlives a process: the ledger's table, in memory. Its own rules are tested elsewhere; here it is how long it takes. */
export interface Memory {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly watchlistStore: WatchlistStore;
}

export function createMemory(time: VirtualTime): Memory {
  return { ledger: ledgerIn(time), outbox: outboxIn(time), watchlistStore: storeIn(time) };
}

function ledgerIn(time: VirtualTime): Ledger {
  const histories = new Map<string, History>();
  const of = (resource: string): History => histories.get(resource) ?? { resource, version: 0, entries: [] };
  const change = (resource: string, more: Partial<History>) =>
    void histories.set(resource, { ...of(resource), ...more });
  const close = (resource: string, entry: Entry) => {
    const { entries, version, leasedUntil: _, pending: __, ...rest } = of(resource);
    const applied = entry.outcome.result === "applied" && entry.intent.direction !== "none";
    const last = entry.intent.direction === "out" ? "lastScaleOut" : "lastScaleIn";
    histories.set(resource, {
      ...{ ...rest, version: version + 1, entries: [entry, ...entries] },
      ...(applied && { [last]: entry.intent.at }),
    });
  };
  return {
    async history(resource) {
      await time.sleep(TAKES_MS);
      return of(resource);
    },
    async begin(seen, intent, holder) {
      await time.sleep(TAKES_MS);
      const { version, pending, leasedUntil = 0, outbox } = of(seen.resource);
      if (version !== seen.version || pending || leasedUntil > time.now())
        throw new RetryLater("another run acts");
      change(seen.resource, { pending: intent, leasedUntil: time.now() + LEASE_MS });
      return { resource: seen.resource, holder, version, intent, outbox };
    },
    async finish({ resource, intent }, outcome) {
      await time.sleep(TAKES_MS);
      close(resource, { intent, outcome });
      return undefined;
    },
    async recover(seen, outcome) {
      await time.sleep(TAKES_MS);
      const { pending } = of(seen.resource);
      if (pending) close(seen.resource, { intent: pending, outcome });
      return { history: of(seen.resource) };
    },
    pauses: async () => {
      await time.sleep(TAKES_MS);
      throw new Error("nothing asks for the pauses here");
    },
    async keepDecision(resource, lastDecision) {
      await time.sleep(TAKES_MS);
      change(resource, { lastDecision });
    },
    async noteChanging(resource, lastSeenChanging) {
      await time.sleep(TAKES_MS);
      change(resource, { lastSeenChanging });
    },
    async keepProfile(resource, profile) {
      await time.sleep(TAKES_MS);
      change(resource, { profile });
    },
  };
}

function outboxIn(time: VirtualTime): Outbox {
  const records = new Map<string, IncidentRecord>();
  return {
    async incidents(resource) {
      await time.sleep(TAKES_MS);
      return records.get(resource) ?? { resource, version: 0, incidents: {}, waiting: [] };
    },
    async writeIncidents({ resource, version }, incidents, notifications) {
      await time.sleep(TAKES_MS);
      records.set(resource, { resource, version: version + 1, incidents, waiting: [] });
      return { resource, sortKey: "", mark: "", notifications, rest: "none" };
    },
    async claimWaiting() {
      await time.sleep(TAKES_MS);
      return { claimed: [] };
    },
    remove: () => time.sleep(TAKES_MS),
  };
}

function storeIn(time: VirtualTime): WatchlistStore {
  const stored = new Map<string, StoredStream>();
  return {
    async read() {
      await time.sleep(TAKES_MS);
      return new Map(stored);
    },
    async write(stream, state) {
      await time.sleep(TAKES_MS);
      if ((stored.get(stream)?.at ?? 0) <= state.at) stored.set(stream, state);
    },
  };
}
