import fc from "fast-check";
import { expect, it } from "vitest";
import { answerRequest } from "../../../shared/approvals/answer-request.ts";
import { isSameChange } from "../../../shared/approvals/item.ts";
import { APPROVAL_HOLDS_MS } from "../../../shared/approvals/next-step.ts";
import { closeOvertaken, permitFor } from "../../../shared/approvals/permit.ts";
import type { ApprovalRequest, ProposedChange } from "../../../shared/approvals/request.ts";
import type { Entry, History, Intent } from "../../../shared/ledger/entry.ts";
import { MemoryRequests } from "./memory-requests.ts";

const RESOURCE = "stream/orders";
const MINUTE = 60_000;
const ASK_FOR = 30 * MINUTE;

/** A look decides for one of a few changes, or for none; in between people answer, rightly and wrongly, and time passes. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("look" as const), to: fc.constantFrom(2, 3, 4, 4, 4) }),
  },
  fc.record({ kind: fc.constant("hold" as const) }),
  fc.record({
    kind: fc.constant("answer" as const),
    said: fc.constantFrom("approved" as const, "rejected" as const),
    id: fc.constantFrom("latest", "latest", "earlier", "made up"),
  }),
  fc.record({ kind: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 45 }) }),
);

const changeTo = (from: number, to: number): ProposedChange => ({
  what: "UpdateShardCount",
  direction: to > from ? "out" : "in",
  ...{ from, to, text: `${from} -> ${to} shards`, reasons: ["a reason"], evidence: {} },
});

/** A stream that follows what is done to it, and the people around it. */
class Simulation {
  readonly requests = new MemoryRequests();
  readonly asked: ApprovalRequest[] = [];
  readonly approved = new Map<string, { readonly request: ApprovalRequest; readonly at: number }>();
  readonly acts: { readonly change: ProposedChange; readonly id: string | undefined; readonly at: number }[] =
    [];
  entries: readonly Entry[] = [];
  size = 3;
  now = Date.parse("2026-11-21T12:00:00Z");

  context() {
    const request = this.requests.of(RESOURCE);
    const history: History = {
      resource: RESOURCE,
      version: this.entries.length,
      entries: this.entries,
      ...(request && { request }),
    };
    const stage = (_: string, body: (part: { annotate(): void }) => Promise<void>) => body({ annotate() {} });
    const run = { automation: "reshard-streams", signal: new AbortController().signal, stage };
    return {
      history,
      trigger: "schedule",
      askForMs: ASK_FOR,
      now: this.now,
      requests: this.requests,
      run,
    } as never;
  }

  async look(to: number): Promise<void> {
    if (to === this.size) return this.hold();
    const change = changeTo(this.size, to);
    const permit = await permitFor(change, "ask", this.context());
    if (permit.kind === "ask") this.asked.push(permit.request);
    if (permit.kind !== "act") return;
    this.acts.push({ change, id: permit.approval?.id, at: this.now });
    const { approval } = permit;
    const intent = { id: String(this.entries.length), at: this.now, ...(approval && { approval }) } as Intent;
    this.entries = [{ intent, outcome: { result: "applied", at: this.now } }, ...this.entries];
    this.size = to;
  }

  async hold(): Promise<void> {
    await closeOvertaken("on target", this.context());
  }

  async answer(said: "approved" | "rejected", which: string): Promise<void> {
    const { id = "none" } =
      (which === "latest" ? this.asked.at(-1) : which === "earlier" ? this.asked.at(0) : undefined) ?? {};
    const answered = await answerRequest(id, { said, by: "anna", at: this.now }, this.requests);
    if (answered.kind !== "taken" || said !== "approved") return;
    expect(this.now).toBeLessThan(answered.request.expiresAt);
    this.approved.set(id, { request: answered.request, at: this.now });
  }
}

it("acts only on an approval of that very change, that is fresh and not used; and asks within reason", async () => {
  let acts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const simulation = new Simulation();
      for (const one of steps) {
        simulation.now += MINUTE;
        if (one.kind === "look") await simulation.look(one.to);
        else if (one.kind === "hold") await simulation.hold();
        else if (one.kind === "answer") await simulation.answer(one.said, one.id);
        else simulation.now += one.minutes * MINUTE;
      }
      for (const { change, id, at } of simulation.acts) {
        const approval = simulation.approved.get(id ?? "");
        expect(approval && isSameChange(approval.request.change, change)).toBe(true);
        expect(at - (approval?.at ?? 0)).toBeLessThan(APPROVAL_HOLDS_MS);
      }
      const used = simulation.acts.map(({ id }) => id);
      expect(new Set(used).size).toBe(used.length);
      expect(new Set(simulation.asked.map(({ id }) => id)).size).toBe(simulation.asked.length);
      acts += used.length;
    }),
    { numRuns: 600, seed: 20261128 },
  );
  // It is no proof of anything where nothing is ever done.
  expect(acts).toBeGreaterThan(30);
});
