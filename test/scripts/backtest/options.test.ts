import { expect, test } from "vitest";
import { checkStreamName, optionsFrom } from "../../../scripts/backtest/options.ts";
import { policyOf, withSettings } from "../../../scripts/backtest/policy.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";

test("reads fourteen days of a stream, where nothing else is said", () => {
  expect(optionsFrom(["--stream", "orders.v2_a-b"])).toMatchObject({ stream: "orders.v2_a-b", days: 14 });
  expect(optionsFrom(["--stream", "orders", "--days", "1.5"])).toMatchObject({ days: 1.5 });
});

test.each([
  [["--csv", "a.csv", "--days", "3"], "--days: found --csv too, whose rows are all taken"],
  [["--csv", "a.csv", "--sandbox"], "--sandbox: found --csv too"],
  [["--stream", ""], '--stream: found "", expected the name of a stream'],
  [
    ["--stream", "my orders"],
    '--stream: found "my orders", expected the name of a stream: letters, digits, _ . and -',
  ],
  [["--stream", "x".repeat(129)], "expected the name of a stream"],
  [["--stream", "a", "--node-pool", "b/c"], "found --stream and --node-pool, expected one of them"],
  [["--all", "--csv", "a.csv"], "--all: found --csv too, which is about one stream"],
  [["--sandbox"], "found none of --stream, --csv and --all"],
  [["--stream", "a", "--days", "16"], '--days: found "16", expected a number above 0, at most 15'],
  [["--stream", "a", "--days", "week"], '--days: found "week"'],
])("%j are refused", (args, message) => {
  expect(() => optionsFrom(args)).toThrow(message);
});

test("a file that is named like no stream needs --stream", () => {
  expect(() => checkStreamName("orders (1)", "a file's name")).toThrow(
    'a file\'s name: found "orders (1)", expected the name of a stream',
  );
});

test("a stream that is ignored has no policy to run", () => {
  const { raw } = policyOf(parseConfigFile("streams:\n  orders:\n    max: 4", "config/dev.yml"), "orders");
  expect(() => withSettings(raw, ["ignore=true"], "orders")).toThrow(
    "--set ignore=true: found no policy to run",
  );
});
