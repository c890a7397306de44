import { expect, test } from "vitest";
import { compileSite } from "../../../../../functions/check-sites/config/site.ts";
import { saveSites } from "../../../../../functions/check-sites/run/save/save-results.ts";
import { TraceBudget } from "../../../../../functions/check-sites/run/trace-budget.ts";
import type { OutboxEntry, Store } from "../../../../../functions/check-sites/state/store.ts";
import { newState } from "../../../../../functions/check-sites/state/transition.ts";

const MINUTE = 60_000;

const entryOf = (id: string, at: number): OutboxEntry => ({
  claimedUntil: 0,
  change: { id, kind: "change", from: "UP", to: "DOWN", at, findings: [] },
});

test("what earlier runs left in the outbox is notified in the order in which it happened", async () => {
  const compiled = compileSite("shop", { url: "https://shop.example.com", downAfter: 1 });
  if ("problems" in compiled) throw new Error("the site does not compile");
  const checked = {
    site: compiled.site,
    result: { phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 }, time: 0, hops: [] },
    evaluation: {
      verdict: "DOWN" as const,
      findings: [
        { severity: "down" as const, reason: "status" as const, text: "status is 500, expected 200" },
      ],
    },
  };
  const outbox = { later: entryOf("later", 2 * MINUTE), earlier: entryOf("earlier", MINUTE) };
  const store: Pick<Store, "write"> = { write: async () => true };
  const { pending } = await saveSites(
    [checked],
    new Map([["shop", { version: 1, state: newState(2 * MINUTE), outbox }]]),
    {
      store: store as Store,
      traceBudget: new TraceBudget(),
      tick: 3 * MINUTE,
      claim: { now: 3 * MINUTE, until: 4 * MINUTE },
      signal: new AbortController().signal,
    },
  );
  expect(pending.map(({ change }) => change.at / MINUTE)).toEqual([1, 2, 3]);
});
