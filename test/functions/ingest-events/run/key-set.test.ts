import fc from "fast-check";
import { expect, it } from "vitest";
import { KeySet } from "../../../../functions/ingest-events/run/key-set.ts";

it("says of every key it has that it may have it", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (keys) => {
      const set = new KeySet();
      for (const key of keys) set.add(key);
      return keys.every((key) => set.mayHave(key));
    }),
  );
});

it("says it of hardly any other: of one in a thousand where it has 200,000 of them", () => {
  const set = new KeySet();
  for (let key = 0; key < 200_000; key += 1) set.add(`key-${key}`);
  const wrong = Array.from({ length: 10_000 }, (_none, other) => set.mayHave(`other-${other}`));
  expect(wrong.filter(Boolean).length).toBeLessThan(20);
});
