import fc from "fast-check";
import { expect, test } from "vitest";
import { inCalls } from "../../../shared/aws/in-calls.ts";

test("every item is in one call, in its order, and no call has more than it may", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, most) => {
      const calls = inCalls(items, most);
      expect(calls.flat()).toEqual(items);
      expect(calls.length).toBe(Math.ceil(items.length / most));
      expect(calls.filter((call) => call.length > most || call.length === 0)).toEqual([]);
    }),
  );
});
