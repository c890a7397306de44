import { expect, it } from "vitest";
import { createRates } from "../../../sandbox/endpoint/rates.ts";

/** Takes tokens at times that the test sets. */
function rates() {
  const time = { sandbox: 0, real: 0 };
  const take = createRates({ now: () => time.sandbox }, () => time.real);
  const many = (operation: string, count: number, service = "kinesis") =>
    Array.from({ length: count }, () => take(service, operation)).filter(Boolean).length;
  return { time, many };
}

it.each([
  ["kinesis", "DescribeStreamSummary", 20],
  ["kinesis", "ListStreams", 5],
  ["kinesis", "DescribeLimits", 1],
  ["kinesis", "UpdateShardCount", 10],
  ["monitoring", "PutMetricAlarm", 3],
  ["monitoring", "DescribeAlarms", 9],
])("%s %s: %i a second pass, and as many in each second after", (service, operation, perSecond) => {
  const { time, many } = rates();
  expect(many(operation, 100, service)).toBe(perSecond);
  time.sandbox += 1000;
  expect(many(operation, 100, service)).toBe(perSecond);
});

it("a bucket holds no more than a second brings", () => {
  const { time, many } = rates();
  time.sandbox += 3_600_000;
  expect(many("ListStreams", 100)).toBe(5);
});

it("fills by and by, and each operation by itself", () => {
  const { time, many } = rates();
  many("ListStreams", 5);
  time.sandbox += 199;
  expect(many("ListStreams", 1)).toBe(0);
  time.sandbox += 1;
  expect(many("ListStreams", 2)).toBe(1);
  expect(many("DescribeStreamSummary", 30)).toBe(20);
});

it("fills by real time while the sandbox's clock stands still", () => {
  const { time, many } = rates();
  many("DescribeLimits", 1);
  time.real += 1000;
  expect(many("DescribeLimits", 2)).toBe(1);
});

it("lets pass what has no rate", () => {
  expect(rates().many("PutRecords", 10_000)).toBe(10_000);
});
