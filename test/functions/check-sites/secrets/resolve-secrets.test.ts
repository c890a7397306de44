import { describe, expect, test } from "vitest";
import { compileSite, type Site } from "../../../../functions/check-sites/config/site.ts";
import { readyToProbe } from "../../../../functions/check-sites/secrets/resolve-secrets.ts";

function siteOf(policy: object): Site {
  const compiled = compileSite("shop", { url: "https://shop.example.com", ...policy });
  if ("problems" in compiled) throw new Error("the site does not compile");
  return compiled.site;
}
function targetOf(policy: object) {
  const { target } = readyToProbe(siteOf(policy), { valueOf: () => "s3cret" });
  if (target.kind !== "http") throw new Error("the site is no HTTP site");
  return target;
}
const reference = { ssm: "/shop/token" };

describe("a site ready to be probed", () => {
  test("has the authorization, and every header that is a reference, in its request", () => {
    const headers = { "x-key": reference, "x-plain": "1" };
    expect(targetOf({ headers, auth: { bearer: reference } }).headers).toEqual({
      authorization: "Bearer s3cret",
      "x-key": "s3cret",
      "x-plain": "1",
    });
  });
  test.each([
    ["a reference", reference, true],
    ["a text", "ping", false],
    ["absent", undefined, false],
  ])("keeps its body for its own origin where that is a secret: %s", (_, body, expected) => {
    expect(targetOf({ method: "POST", ...(body !== undefined && { body }) }).isBodySecret).toBe(expected);
  });
});
