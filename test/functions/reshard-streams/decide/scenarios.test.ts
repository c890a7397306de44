import { join } from "node:path";
import { expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import { history, NOW, policy } from "../stream.ts";
import { SCENARIOS } from "./scenarios.ts";

/** Whole decisions, as an on-call engineer gets them: which, why and on which numbers. `vitest -u` writes them anew: read the diff. */
test.each(Object.entries(SCENARIOS))(
  "%s: each edge of its rules has its decision",
  async (group, scenarios) => {
    const decisions = scenarios.map(({ name, seen, keys = {}, past = {} }) => [
      name,
      decide(seen, policy(keys), history(past), NOW),
    ]);
    const text = `${JSON.stringify(Object.fromEntries(decisions), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot(
      join(import.meta.dirname, "golden", `${group.replaceAll(" ", "-")}.json`),
    );
  },
);
