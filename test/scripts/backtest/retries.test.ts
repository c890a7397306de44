import fc from "fast-check";
import { expect, test } from "vitest";
import { RetryQueue } from "../../../scripts/backtest/retries.ts";

test("what waits is a finite number of records, and never more than was offered, however little is left of a minute", () => {
  const records = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }));
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(records, share), { maxLength: 30 }), (minutes) => {
      const queue = new RetryQueue();
      let offered = 0;
      for (const [minute, [count, accepted]] of minutes.entries()) {
        queue.pass(minute, { bytes: 2048 * count, records: count }, accepted);
        offered += count;
        expect(queue.records).toBeGreaterThanOrEqual(0);
        expect(queue.records + queue.abandonedRecords).toBeLessThanOrEqual(offered * (1 + 1e-9));
      }
    }),
    // Next to nothing was left of a minute, and next to nothing of it was taken.
    {
      examples: [
        [
          [
            [9.3e-94, 0],
            [0, 2.7e-231],
          ],
        ],
      ],
    },
  );
});
