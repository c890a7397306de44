import { describe, expect, it } from "vitest";
import { mayNotAct } from "../../../sandbox/page/own-origin.ts";

const origin = "http://127.0.0.1:4566";

describe("acting on the sandbox", () => {
  it("takes an Origin and a JSON body", () => {
    expect(mayNotAct({ headers: { origin, "content-type": "application/json" } })).toBeUndefined();
  });

  it.each([
    ["without an Origin", { "content-type": "application/json" }, "Origin"],
    ["by what a form can send", { origin, "content-type": "text/plain" }, "Content-Type"],
    ["without a type", { origin }, "Content-Type"],
  ])("is refused %s", (_, headers, header) => {
    expect(mayNotAct({ headers })).toMatch(new RegExp(`^${header}: found `));
  });
});
