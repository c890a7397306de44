import { join } from "node:path";
import { expect, test } from "vitest";
import { decide } from "../../../../functions/scale-node-pools/decide/decide.ts";
import type { Decision } from "../../../../functions/scale-node-pools/model/decision.ts";
import { NOW } from "../given.ts";
import { SCENARIOS } from "./scenarios.ts";

/** What says something: lists with something in them, and of the status what is not the shape of a usual node. */
function told({ status, ...decision }: Decision): object {
  const { shape: _, ...recorded } = status;
  const parts = Object.entries({ ...decision, status: recorded });
  return Object.fromEntries(parts.filter(([, part]) => !(Array.isArray(part) && part.length === 0)));
}

/** Whole decisions, as an on-call engineer gets them. `vitest -u` writes them anew: read the diff. */
test.each(Object.entries(SCENARIOS))(
  "%s: each edge of its rules has its decision",
  async (group, scenarios) => {
    const decisions = scenarios.map(({ name, cluster, pools }) => [
      name,
      decide(cluster, pools, NOW).map((decision) =>
        Object.fromEntries(Object.entries(told(decision)).map(([key, part]) => [key, oneLine(part)])),
      ),
    ]);
    const path = join(import.meta.dirname, "golden", `${group.replaceAll(" ", "-")}.json`);
    await expect(`${JSON.stringify(Object.fromEntries(decisions), undefined, 2)}\n`).toMatchFileSnapshot(
      path,
    );
  },
);

/** Texts and lists of texts as they are, all else as one line of JSON. */
const oneLine = (part: unknown): unknown =>
  typeof part === "string" || typeof part === "number"
    ? part
    : Array.isArray(part)
      ? part.map(oneLine)
      : JSON.stringify(part);
