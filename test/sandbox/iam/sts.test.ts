import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { toWrite } from "../../../functions/ingest-events/plan/item.ts";
import { roleClients } from "../../../functions/ingest-events/write/other-account/role-clients.ts";
import { tableOf } from "../../../functions/ingest-events/write/table.ts";
import { startDynamoDb } from "../../../sandbox/dynamodb/service.ts";
import { type Callers, Calls } from "../../../sandbox/endpoint/calls.ts";
import { type Endpoint, startEndpoint } from "../../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../../sandbox/endpoint/faults.ts";
import { createAuthorise } from "../../../sandbox/iam/authorise.ts";
import { createIam } from "../../../sandbox/iam/iam.ts";
import type { CallingFunction } from "../../../sandbox/iam/permissions.ts";
import { createSts } from "../../../sandbox/iam/sts.ts";
import type { Service } from "../../../sandbox/service.ts";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import { policyOf } from "../../functions/ingest-events/policies.ts";
import { decodedEvent, PLACE } from "../../functions/ingest-events/records.ts";

const KEY = "ASIAFUNCTION";
const OWN = "arn:aws:iam::000000000000:role/own";
const WRITER = "arn:aws:iam::111111111111:role/writer";

const iam = createIam();
const policy = policyOf({ mode: "append", id: "id" });
let dynamodb: Service;
let endpoint: Endpoint;
const clients: DynamoDBClient[] = [];

beforeAll(async () => {
  const callers: Callers = new Map([
    [KEY, { functionName: "ingest", requestId: () => "1", crash: async () => {} }],
  ]);
  const known: CallingFunction[] = [
    { name: "ingest", arn: "arn:aws:lambda:us-east-1:000000000000:function:ingest", role: OWN },
  ];
  const functions = () => known;
  dynamodb = await startDynamoDb();
  await dynamodb.resources?.["AWS::DynamoDB::Table"]?.("Landed", {
    TableName: "landed",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  });
  const sts = createSts({
    iam,
    callers,
    functions,
    now: Date.now,
    onSession: (session) => void known.push(session),
  });
  endpoint = await startEndpoint({
    services: [dynamodb, sts],
    clock: { now: () => Date.now() },
    faults: new Faults(),
    calls: new Calls(),
    callers,
    authorise: createAuthorise({ iam, functions, tagsOf: () => ({}) }),
    port: 0,
    log: () => {},
  });
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint.url);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", KEY);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  vi.unstubAllEnvs();
  await endpoint.stop();
  await dynamodb.stop?.();
});

const allow = (Action: string, Resource: string) => ({ Effect: "Allow", Action, Resource });

async function role(RoleName: string, statement: object, trusted: string): Promise<void> {
  await iam.resources["AWS::IAM::Role"]?.(RoleName, {
    RoleName,
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: "Allow", Principal: { AWS: trusted }, Action: "sts:AssumeRole" }],
    },
    Policies: [{ PolicyName: "p", PolicyDocument: { Statement: [statement] } }],
  });
}

const TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/landed";
beforeEach(async () => {
  await role("own", allow("sts:AssumeRole", WRITER), "x");
  await role("writer", allow("dynamodb:BatchWriteItem", TABLE), OWN);
});

/** Writes as ingest-events does to a table that names a role. */
async function written() {
  const client = roleClients(() => ({ ...clientOptions(), maxAttempts: 1 }), "reflex-ingest-events")(WRITER);
  clients.push(client);
  const write = toWrite(decodedEvent({ id: "a" }), policy, PLACE);
  if ("reason" in write) throw new Error(write.detail);
  return tableOf(client, policy).write([write], new AbortController().signal);
}

describe("a table that is written by a role of another account", () => {
  it("is written where the function may assume the role, the role trusts it, and may write", async () => {
    expect(await written()).toEqual([{ kind: "done" }]);
  });

  it("is written where the role trusts the function's whole account", async () => {
    await role("writer", allow("dynamodb:BatchWriteItem", TABLE), "arn:aws:iam::000000000000:root");
    expect(await written()).toEqual([{ kind: "done" }]);
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    [
      "the function's role may not assume it",
      () => role("own", allow("sts:AssumeRole", `${WRITER}-2`), "x"),
      /not authorized to perform: sts:AssumeRole/,
    ],
    [
      "the role trusts another",
      () => role("writer", allow("dynamodb:BatchWriteItem", TABLE), `${OWN}-2`),
      /not authorized to perform: sts:AssumeRole on resource/,
    ],
    [
      "the role may not write it",
      () => role("writer", allow("dynamodb:GetItem", TABLE), OWN),
      /assumed-role\/writer.*dynamodb:BatchWriteItem/,
    ],
    [
      "only the function's own role may write it",
      async () => {
        await role("own", { ...allow("sts:AssumeRole", "*"), Action: ["sts:AssumeRole", "dynamodb:*"] }, "x");
        await role("writer", allow("dynamodb:GetItem", TABLE), OWN);
      },
      /dynamodb:BatchWriteItem/,
    ],
  ])("is not written, and a person has to know, where %s", async (_what, prepare, message) => {
    await prepare();
    await expect(written()).rejects.toMatchObject({
      name: "Blocked",
      message: expect.stringMatching(message),
    });
  });
});
