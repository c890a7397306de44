import { expect, test } from "vitest";
import { openNow, runWith } from "../../../shared/tracing/context.ts";

// After the context, as in a bundle.
const { Segment } = await import("aws-xray-sdk-core");

const first = new Segment("first");
const second = new Segment("second");

test("what is open stays open over every await, beside others", async () => {
  const names = (segment: typeof first) =>
    runWith(segment, async () => {
      const before = openNow()?.name;
      await new Promise(setImmediate);
      return [before, openNow()?.name];
    });
  expect(await Promise.all([names(first), names(second)])).toEqual([
    ["first", "first"],
    ["second", "second"],
  ]);
});

test("nothing is open outside, and nothing where nothing is to be", async () => {
  expect(openNow()).toBeUndefined();
  expect(await runWith(first, () => runWith(undefined, async () => openNow()))).toBeUndefined();
});

test("the SDK's own follower of promises is not loaded, which would run on each of the process", () => {
  expect(process).not.toHaveProperty("namespaces.AWSXRay");
});
