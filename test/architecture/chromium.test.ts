import { expect, test } from "vitest";
import { CHROMIUM } from "./chromium.ts";

/** `.ci/run` says so where it installed Chromium, or found it: there the browser tests must not be skipped. */
test.runIf(process.env.BROWSER_TESTS === "required")(
  "Chromium is found, so that no browser test is skipped",
  () => {
    expect(CHROMIUM).toBeDefined();
  },
);
