import { expect, test } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { type FunctionPolicies, permissionResource } from "../../../sandbox/iam/function-policy.ts";
import type { Functions } from "../../../sandbox/lambda/functions.ts";
import { FunctionUrls } from "../../../sandbox/lambda/urls/function-urls.ts";
import type { AwsRequest } from "../../../sandbox/service.ts";

const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** A function `page` that answers 200 by its URL, with the permissions that are given. */
async function served(AuthType: string, permissions: readonly object[]): Promise<number> {
  const policies: FunctionPolicies = new Map();
  const permission = permissionResource(arnOf, policies);
  for (const [at, properties] of permissions.entries()) {
    await permission(`Permission${at}`, { FunctionName: "page", Principal: "*", ...properties });
  }
  const configuration = { name: "page", arn: arnOf("page") };
  const urls = new FunctionUrls({
    ...{ policies, clock: createClock({ speed: 0, start: 0 }), endpointUrl: () => "http://sandbox" },
    functions: { find: () => ({ configuration }) } as unknown as Functions,
    invoke: async () => ({ result: { ok: true, payload: '{"statusCode":200}' } }) as never,
  });
  const { attributes } = await urls.resource("Url", { TargetFunctionArn: "page", AuthType });
  const { pathname } = new URL(String(Object(attributes).FunctionUrl));
  const request = { method: "GET", path: pathname, query: new URLSearchParams(), headers: {} };
  const answer = await urls.serve({ ...request, body: Buffer.alloc(0) } as AwsRequest);
  return answer?.status ?? 0;
}

const BY_URL = { Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE" };
const INVOKE = { Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true };

test.each([
  ["both permissions", "NONE", [BY_URL, INVOKE], 200],
  ["IAM authentication, whatever is permitted", "AWS_IAM", [BY_URL, INVOKE], 403],
  ["no permission", "NONE", [], 403],
  ["no permission to invoke the function", "NONE", [BY_URL], 403],
  ["no permission for the URL", "NONE", [INVOKE], 403],
  ["a permission for one account", "NONE", [BY_URL, { ...INVOKE, Principal: "123456789012" }], 403],
  [
    "a permission for signed requests only",
    "NONE",
    [{ ...BY_URL, FunctionUrlAuthType: "AWS_IAM" }, INVOKE],
    403,
  ],
])("a function URL with %s (%s)", async (_, authType, permissions, status) => {
  expect(await served(authType, permissions)).toBe(status);
});
