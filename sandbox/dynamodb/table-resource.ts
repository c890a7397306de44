import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { notSimulated } from "../not-simulated.ts";
import { ACCOUNT_ID, type CreatedResource, type Properties, type ResourceType } from "../service.ts";
import type { CallDynamoDb } from "./call.ts";
import type { TableSettings } from "./settings.ts";

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
};

/** `AWS::DynamoDB::Table`. */
export function tableResource(call: CallDynamoDb, settings: TableSettings, region: string): ResourceType {
  return async (logicalId, properties) => {
    const input = inputOf(logicalId, properties);
    const { TableName } = input;
    const { status, body } = await call("CreateTable", input);
    if (status >= 400) throw new Error(`dynalite refused the table ${logicalId}: ${body}`);
    await untilActive(call, TableName);
    return table(logicalId, properties);
  };

  function table(logicalId: string, properties: Properties): CreatedResource {
    const input = inputOf(logicalId, properties);
    const { TableName } = input;
    if (properties.TimeToLiveSpecification) settings.UpdateTimeToLive?.(TableName, properties);
    if (properties.PointInTimeRecoverySpecification)
      settings.UpdateContinuousBackups?.(TableName, properties);
    return {
      ref: TableName,
      attributes: { Arn: `arn:aws:dynamodb:${region}:${ACCOUNT_ID}:table/${TableName}` },
      notSimulated: notSimulated(
        logicalId,
        properties,
        ["TableName", "Tags", ...CREATE_TABLE],
        WITHOUT_EFFECT,
      ),
      // Its keys and indexes are as they were created.
      update: async (changed) =>
        isDeepStrictEqual(inputOf(logicalId, changed), input) ? table(logicalId, changed) : undefined,
      remove: async () => {
        await call("DeleteTable", { TableName });
        await untilGone(call, TableName);
      },
    };
  }
}

/** For CreateTable. */
function inputOf(logicalId: string, properties: Properties): { readonly TableName: string } {
  const TableName = typeof properties.TableName === "string" ? properties.TableName : logicalId;
  return { ...Object.fromEntries(CREATE_TABLE.map((name) => [name, properties[name]])), TableName };
}

/** A table is CREATING for a moment, and refuses items until then. */
async function untilActive(call: CallDynamoDb, TableName: string): Promise<void> {
  const Description = z.object({ Table: z.object({ TableStatus: z.string() }) });
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const { body } = await call("DescribeTable", { TableName });
    if (z.safeParse(Description, JSON.parse(String(body))).data?.Table.TableStatus === "ACTIVE") return;
  }
  throw new Error(`The table ${TableName} did not become ACTIVE.`);
}

async function untilGone(call: CallDynamoDb, TableName: string): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if ((await call("DescribeTable", { TableName })).status >= 400) return;
  }
  throw new Error(`The table ${TableName} did not go.`);
}
