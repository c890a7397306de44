import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import * as z from "zod/mini";
import { notSimulated } from "./not-simulated.ts";
import { createProxy } from "./proxy.ts";
import {
  ACCOUNT_ID,
  type AwsRequest,
  type AwsResponse,
  DEFAULT_REGION,
  type ResourceType,
  type Service,
} from "./service.ts";
import { decodeJson } from "./wire/json.ts";
import { parse } from "./wire/parse.ts";

/**
 * DynamoDB over the wire: `dynalite` in this process and in memory. In front of it, answers for the table
 * settings it has no operation for. Not simulated: transactions, throttling, and the deletion of items whose
 * time to live is over (readers must leave them out, as in AWS, where it may take days).
 */
export async function startDynamoDb(): Promise<Service> {
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const proxy = createProxy((server.address() as AddressInfo).port);
  const settings = createTableSettings();

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
    const answer = settings[operation];
    if (!answer) return proxy.forward(request);
    const { TableName } = parse(TableInput, decodeJson(request.body), "ValidationException");
    // A table that is not there has the same answer whatever was asked.
    const table = await call("DescribeTable", { TableName });
    if (table.status >= 400) return table;
    const headers = { "content-type": "application/x-amz-json-1.0" };
    return { status: 200, headers, body: JSON.stringify(answer(TableName, decodeJson(request.body))) };
  }

  function call(operation: string, input: object): Promise<AwsResponse> {
    return proxy.forward(internalRequest(operation, input));
  }

  return {
    signingNames: ["dynamodb"],
    handle,
    resources: { "AWS::DynamoDB::Table": tableResource(call) },
    stop: async () => {
      proxy.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const TableInput = z.looseObject({ TableName: z.string() });

const TimeToLive = z.looseObject({
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }),
});

const Recovery = z.looseObject({
  PointInTimeRecoverySpecification: z.looseObject({ PointInTimeRecoveryEnabled: z.boolean() }),
});

/** What is kept of a table beside its items: it is answered as it was set, and has no other effect. */
function createTableSettings(): Readonly<Record<string, (table: string, input: unknown) => object>> {
  const timeToLive = new Map<string, { AttributeName: string; Enabled: boolean }>();
  const recovery = new Map<string, boolean>();
  const backups = (table: string) => ({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: recovery.get(table) ? "ENABLED" : "DISABLED",
      },
    },
  });
  return {
    UpdateTimeToLive: (table, input) => {
      const { TimeToLiveSpecification } = parse(TimeToLive, input, "ValidationException");
      timeToLive.set(table, TimeToLiveSpecification);
      return { TimeToLiveSpecification };
    },
    DescribeTimeToLive: (table) => {
      const set = timeToLive.get(table);
      if (!set?.Enabled) return { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } };
      const { AttributeName } = set;
      return { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName } };
    },
    UpdateContinuousBackups: (table, input) => {
      const { PointInTimeRecoverySpecification } = parse(Recovery, input, "ValidationException");
      recovery.set(table, PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled);
      return backups(table);
    },
    DescribeContinuousBackups: backups,
  };
}

/** The properties CreateTable takes as they are. */
const CREATE_TABLE = [
  "AttributeDefinitions",
  "KeySchema",
  "BillingMode",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
  "ProvisionedThroughput",
];

const WITHOUT_EFFECT = {
  TimeToLiveSpecification: "items stay after their time",
  PointInTimeRecoverySpecification: "the table is in memory and gone at the end",
  SSESpecification: "the table is in memory and gone at the end",
  DeletionProtectionEnabled: "the table is in memory and gone at the end",
  Tags: "tables have no tags there",
};

/** `AWS::DynamoDB::Table`. */
function tableResource(call: (operation: string, input: object) => Promise<AwsResponse>): ResourceType {
  return async (logicalId, properties) => {
    const TableName = typeof properties.TableName === "string" ? properties.TableName : logicalId;
    const input = Object.fromEntries(CREATE_TABLE.map((name) => [name, properties[name]]));
    const response = await call("CreateTable", { ...input, TableName });
    if (response.status >= 400) {
      throw new Error(`dynalite refused the table ${logicalId}: ${Buffer.from(response.body ?? "")}`);
    }
    if (properties.TimeToLiveSpecification) {
      const { TimeToLiveSpecification } = properties;
      await call("UpdateTimeToLive", { TableName, TimeToLiveSpecification });
    }
    await untilActive(call, TableName);
    return {
      ref: TableName,
      attributes: { Arn: `arn:aws:dynamodb:${DEFAULT_REGION}:${ACCOUNT_ID}:table/${TableName}` },
      notSimulated: notSimulated(logicalId, properties, ["TableName", ...CREATE_TABLE], WITHOUT_EFFECT),
    };
  };
}

/** A table is CREATING for a moment, and refuses items until then. */
async function untilActive(
  call: (operation: string, input: object) => Promise<AwsResponse>,
  TableName: string,
): Promise<void> {
  const Description = z.object({ Table: z.object({ TableStatus: z.string() }) });
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const { body } = await call("DescribeTable", { TableName });
    const described = z.safeParse(Description, JSON.parse(String(Buffer.from(body ?? "{}"))));
    if (described.data?.Table.TableStatus === "ACTIVE") return;
  }
  throw new Error(`The table ${TableName} did not become ACTIVE.`);
}

/** Signed as `dynalite` wants to see it; it reads nothing from it. */
function internalRequest(operation: string, input: object): AwsRequest {
  const scope = `sandbox/20260101/${DEFAULT_REGION}/dynamodb/aws4_request`;
  return {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": "20260101T000000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: Buffer.from(JSON.stringify(input)),
    region: DEFAULT_REGION,
  };
}
