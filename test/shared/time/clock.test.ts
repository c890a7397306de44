import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { systemClock } from "../../../shared/time/clock.ts";

afterEach(() => vi.useRealTimers());

it("the system's clock is the machine's, in ms since the epoch", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21) });
  expect(systemClock.now()).toBe(Date.UTC(2026, 10, 21));
});

it("is the only place in functions/ and shared/ that reads the machine's clock", () => {
  const root = join(import.meta.dirname, "../../..");
  const readers = ["functions", "shared"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
        (file) => `${folder}/${file}`,
      ),
    )
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    // What this one holds runs in a visitor's browser.
    .filter((file) => file !== "functions/check-sites/status-page/page/script.ts")
    .filter((file) =>
      /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(|\bprocess\.hrtime\b/.test(
        readFileSync(join(root, file), "utf8"),
      ),
    );
  expect(readers).toEqual(["shared/time/clock.ts"]);
});
