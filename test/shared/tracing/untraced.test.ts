import { expect, it } from "vitest";
import { inStage } from "../../../shared/tracing/stages.ts";

it("outside Lambda a stage just does its work", async () => {
  const result = await inStage("decide", async (stage) => {
    stage.annotate("decision", "on-target");
    stage.metadata("evidence", {});
    return "done";
  });
  expect(result).toBe("done");
});

it("outside Lambda the error of a stage goes on", async () => {
  await expect(inStage("act", () => Promise.reject(new Error("UPDATING")))).rejects.toThrow("UPDATING");
});
