import { expect, test } from "vitest";
import { compileSite } from "../../../../functions/check-sites/config/site.ts";
import { type CheckContext, checkSite } from "../../../../functions/check-sites/run/check-site.ts";
import { contextWith } from "../probe/local.ts";

test("a mistake in our own code makes one site UNKNOWN, says its name only, and is not thrown", async () => {
  const compiled = compileSite("shop", { url: "http://127.0.0.1:9/" });
  if ("problems" in compiled) throw new Error("the site does not compile");
  const context: CheckContext = {
    ...contextWith(),
    credentials: { valueOf: () => "" },
    now: 0,
    traceProbe: async () => {
      throw new RangeError("it quotes s3cret");
    },
  };
  expect((await checkSite(compiled.site, context)).evaluation).toEqual({
    verdict: "UNKNOWN",
    findings: [{ severity: "unknown", reason: "internal", text: "the check itself failed: RangeError" }],
  });
});
