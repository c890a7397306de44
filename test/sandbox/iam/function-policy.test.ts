import { describe, expect, it } from "vitest";
import { permissionResource } from "../../../sandbox/iam/function-policy.ts";
import type { CreatedResource } from "../../../sandbox/service.ts";

const create = permissionResource((name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`);
const permission = (at: number, name = "a") =>
  create(`Permission${at}`, {
    FunctionName: name,
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
    SourceArn: `arn:aws:events:us-east-1:000000000000:rule/reflex-dev-check-sites-${at}-of-80`,
  });

describe("a function's resource policy", () => {
  it("takes 20,480 bytes: not a permission for each of 80 rules, and again what is removed", async () => {
    const made: CreatedResource[] = [];
    const all = (async () => {
      for (let at = 0; at < 80; at += 1) made.push(await permission(at));
    })();
    await expect(all).rejects.toThrow(
      /^The final policy size \(20\d\d\d\) is bigger than the limit \(20480\)\.$/,
    );
    expect(made.length).toBeGreaterThan(40);
    await expect(permission(0, "another")).resolves.toBeDefined();
    await made[0]?.remove?.();
    await expect(permission(99)).resolves.toBeDefined();
  });
});
