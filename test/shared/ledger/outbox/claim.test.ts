import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimEntries, isUndelivered, UNDELIVERED_AFTER_MS } from "../../../../shared/ledger/claim.ts";

const NOW = 1_000;
const CLAIM = { now: NOW, until: 5_000 };
const ascending = (a: number, b: number) => a - b;
const waiting = (message: number, claimedUntil = 0) => ({ message, claimedUntil });

describe("what waits in an outbox", () => {
  it("is claimed together with what is added, in the order of its events", () => {
    expect(claimEntries([waiting(3), waiting(1)], [2], CLAIM, ascending)).toEqual({
      state: "claimed",
      written: [1, 2, 3],
      claimedUntil: CLAIM.until,
      sendable: [1, 2, 3],
    });
  });

  it("is held as a whole while another run may be sending some of it; what is added waits under nobody's claim", () => {
    expect(claimEntries([waiting(1), waiting(2, NOW + 1)], [3], CLAIM, ascending)).toEqual({
      state: "held",
      written: [3],
      claimedUntil: 0,
      sendable: [],
    });
  });

  it("is free at the very moment at which the other run's claim ends", () => {
    expect(claimEntries([waiting(1, NOW)], [], CLAIM, ascending).sendable).toEqual([1]);
  });

  it("property: is never sent before what came earlier, and nothing that was added is lost", () => {
    const entries = fc.array(fc.tuple(fc.integer(), fc.integer({ min: 0, max: 2 * NOW })));
    fc.assert(
      fc.property(entries, fc.array(fc.integer()), (before, added) => {
        const { written, sendable } = claimEntries(
          before.map(([message, until]) => waiting(message, until)),
          added,
          CLAIM,
          ascending,
        );
        expect(sendable).toEqual([...sendable].sort(ascending));
        expect([...written].sort(ascending)).toEqual(expect.arrayContaining(added));
        const isHeld = before.some(([, until]) => until > NOW);
        expect(sendable).toHaveLength(isHeld ? 0 : before.length + added.length);
      }),
    );
  });

  it("counts as undelivered after a day, and not before", () => {
    expect([
      isUndelivered(NOW, NOW + UNDELIVERED_AFTER_MS),
      isUndelivered(NOW, NOW + UNDELIVERED_AFTER_MS + 1),
    ]).toEqual([false, true]);
  });
});
