import { expect, it } from "vitest";
import { requiredEnv } from "../../../shared/config/required-env.ts";

it("is the variable's value", () => {
  expect(requiredEnv("LEDGER_TABLE", { LEDGER_TABLE: "reflex-dev-ledger" })).toBe("reflex-dev-ledger");
});

it.each([{}, { LEDGER_TABLE: "" }])(
  "is Misconfigured and names the variable when it is not set: %j",
  (env) => {
    expect(() => requiredEnv("LEDGER_TABLE", env)).toThrow(
      expect.objectContaining({
        name: "Misconfigured",
        message: expect.stringContaining("LEDGER_TABLE is not set"),
      }),
    );
  },
);
