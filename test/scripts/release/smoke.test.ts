import { describe, expect, it } from "vitest";
import { noteOn } from "../../../scripts/release/concurrency.ts";
import { configWith } from "../watched.ts";

describe("the account's concurrency", () => {
  it.each([
    [10, true],
    [99, true],
    [100, false],
    [1000, false],
    [undefined, false],
  ])("of %s is said to be too small: %s", (unreserved, isSaid) => {
    const note = noteOn(unreserved, 7);
    expect(note !== undefined).toBe(isSaid);
    if (isSaid) expect(note).toContain(`only ${unreserved} executions at once`);
  });
});

describe("what check-sites is asked in other regions", () => {
  const asked = (list: object) =>
    configWith({ mode: "act", sites: { confirmFrom: ["eu-west-1"], list } })
      .automations.find(({ name }) => name === "check-sites")
      ?.smokeEventsElsewhere();

  it("is how the first site is that it may look at", () => {
    const url = "https://shop.example.com/health?key=a";
    expect(asked({ inner: { url, confirm: "never" }, shop: { url } })).toEqual({
      "confirm-sites": { confirm: [{ name: "shop", address: "https://shop.example.com/health" }] },
    });
  });

  it("is nothing where it may look at none", () => {
    expect(asked({ inner: { url: "https://a.example.com", confirm: "never" } })).toEqual({});
  });
});

describe("what reshard-streams is asked after a deploy", () => {
  const asked = (streams: object, inAccount: readonly string[]) =>
    configWith({ mode: "act", streams })
      .automations.find(({ name }) => name === "reshard-streams")
      ?.smokeEvents({ streams: inAccount })["reshard-streams"];

  it("is about a stream that the config names", () => {
    expect(asked({ "orders-*": { max: 4 }, clicks: { max: 2 } }, ["orders-eu"])).toEqual({
      stream: "clicks",
      mode: "observe",
    });
  });

  it("is about a stream of the account, where the config has patterns only", () => {
    expect(asked({ "orders-*": { max: 4 } }, ["payments", "orders-eu"])).toEqual({
      stream: "orders-eu",
      mode: "observe",
    });
  });

  it("asks for nothing where there is no such stream", () => {
    expect(asked({ "orders-*": { max: 4 } }, ["payments"])).not.toHaveProperty("stream");
  });
});
