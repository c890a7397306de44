import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { report } from "../../../../functions/ingest-events/run/report.ts";
import { decodedEvent } from "../records.ts";

const origins = (sequences: readonly string[]) =>
  sequences.map((sequence) => decodedEvent({}, sequence).origin);

describe("report", () => {
  it("says that all is done with an empty list", () => expect(report([])).toEqual({ batchItemFailures: [] }));

  it("names the lowest sequence number, compared as a number of any length", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 10n ** 56n }), { minLength: 1 }), (numbers) => {
        const [lowest] = numbers.toSorted((a, b) => Number(a > b) - Number(a < b));
        expect(report(origins(numbers.map(String)))).toEqual({
          batchItemFailures: [{ itemIdentifier: String(lowest) }],
        });
      }),
    );
  });
});
