import { describe, expect, it } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import { stoppedFindings } from "../../../../../functions/reshard-streams/decide/rules/consumers.ts";
import { factsOf } from "../../../../../functions/reshard-streams/decide/rules/facts.ts";
import type { Entry } from "../../../../../shared/ledger/entry.ts";
import { entry, history, MINUTE, NOW, policy, stream } from "../../stream.ts";

describe("more shards for slow consumers", () => {
  const decided = (last: Entry) =>
    decide(
      stream(4, 1, { iteratorAgeMs: 10 * MINUTE }),
      policy({ scaleOutOnAge: true, maxIteratorAgeSeconds: 60 }),
      history({ entries: [last] }),
      NOW,
    );
  const at = NOW - 20 * MINUTE;
  const forThem = { from: 2, to: 4, evidence: { forConsumers: true, iteratorAgeMs: 15 * MINUTE } };

  it("have half an hour to show whether they help", () => {
    expect(decided(entry(at, forThem))).toMatchObject({
      ...{ kind: "hold", verdict: "awaiting-metrics" },
      reasons: [expect.stringContaining("it was scaled out for them at 2026-11-21T11:40Z")],
    });
  });

  it("are not waited for where AWS refused them, or where shards were added for another reason", () => {
    const more = { kind: "UpdateShardCount", verdict: "consumers-behind", to: 6 };
    expect(decided(entry(at, forThem, { result: "refused" }))).toMatchObject(more);
    expect(decided(entry(at, { from: 2, to: 4 }))).toMatchObject(more);
  });
});

describe("consumers that stopped", () => {
  it.each([
    ["polling", "no consumer has read it since 2026-11-21T11:00Z"],
    ["fanOut", "no consumer with enhanced fan-out has read it since 2026-11-21T11:00Z"],
  ] as const)("are named by how they read: %s", (how, said) => {
    const facts = factsOf(stream(4, 1), policy(), history(), NOW);
    const [finding] = stoppedFindings({ ...facts, stopped: [{ how, lastReadAt: NOW - 60 * MINUTE }] });
    expect(finding?.text).toContain(said);
  });
});
