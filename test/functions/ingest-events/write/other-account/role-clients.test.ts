import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { roleClients } from "../../../../../functions/ingest-events/write/other-account/role-clients.ts";
import { Blocked } from "../../../../../shared/lambda/errors.ts";
import { policyOf } from "../../policies.ts";

const ROLE = "arn:aws:iam::222222222222:role/orders-writer";
const sts = mockClient(STSClient);
const signedBy: string[] = [];
const handle = async ({ headers }: HttpRequest) => {
  signedBy.push(/Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1] ?? "");
  return { response: new HttpResponse({ statusCode: 200, body: Buffer.from("{}"), headers: {} }) };
};
const options = () => ({ maxAttempts: 1, requestHandler: { handle } as never });
const put = (client: DynamoDBClient) => client.send(new PutItemCommand({ TableName: "orders", Item: {} }));

const letIn = () =>
  sts.on(AssumeRoleCommand).callsFake(({ RoleArn }: { RoleArn: string }) => ({
    Credentials: {
      AccessKeyId: RoleArn.split("/").at(-1),
      SecretAccessKey: "secret",
      SessionToken: "token",
      Expiration: new Date(Date.now() + 3_600_000),
    },
  }));

beforeEach(() => {
  sts.reset();
  signedBy.splice(0);
  letIn();
});

it("writes with the role's credentials, which it asks for once", async () => {
  const clientOf = roleClients(options, "session");
  for (const role of [ROLE, ROLE, `${ROLE}-2`, ROLE]) await put(clientOf(role));
  expect(signedBy).toEqual(["orders-writer", "orders-writer", "orders-writer-2", "orders-writer"]);
  expect(sts.commandCalls(AssumeRoleCommand).map(({ args: [{ input }] }) => input)).toEqual([
    { RoleArn: ROLE, RoleSessionName: "session" },
    { RoleArn: `${ROLE}-2`, RoleSessionName: "session" },
  ]);
});

it("is blocked by a role that does not let it in, and asks again at the next write", async () => {
  const clientOf = roleClients(options, "session");
  const denied = Object.assign(new Error("is not authorized"), { name: "AccessDenied" });
  sts.on(AssumeRoleCommand).rejects(denied);
  await expect(put(clientOf(ROLE))).rejects.toMatchObject({
    name: "Blocked",
    call: "sts:AssumeRole",
    resource: ROLE,
  });
  letIn();
  await put(clientOf(ROLE));
  expect(signedBy).toEqual(["orders-writer"]);
});

it.each(["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"])(
  "is blocked by an answer without %s",
  async (left) => {
    const given = {
      ...{ AccessKeyId: "a", SecretAccessKey: "s", SessionToken: "t" },
      Expiration: new Date(Date.now() + 3_600_000),
    };
    sts.on(AssumeRoleCommand).resolves({ Credentials: { ...given, [left]: undefined } });
    await expect(put(roleClients(options, "session")(ROLE))).rejects.toThrow(
      new Blocked(`${ROLE}: STS answered without credentials`),
    );
    sts.on(AssumeRoleCommand).resolves({});
    await expect(put(roleClients(options, "session")(ROLE))).rejects.toThrow(Blocked);
  },
);

it("is the way to a table that the config has a role for", () => {
  const table = { partitionKey: "id", existing: true, roleArn: ROLE };
  expect(policyOf({ mode: "append", id: "id" }, table).roleArn).toBe(ROLE);
});
