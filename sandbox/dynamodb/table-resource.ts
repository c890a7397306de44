import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { notSimulated } from "../not-simulated.ts";
import { ACCOUNT_ID, type CreatedResource, type Properties, type ResourceType } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { integer } from "../wire/scalars.ts";
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
  OnDemandThroughput: "no limit is held",
  WarmThroughput: "a new table takes as much as an old one",
  TableClass: "nothing has a price",
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
      update: async (changed) => {
        if (!isDeepStrictEqual(fixedOf(inputOf(logicalId, changed)), fixedOf(input))) return undefined;
        checkIndexes(properties, changed);
        checkWarmThroughput(properties, changed);
        return table(logicalId, changed);
      },
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

/** What UpdateTable cannot change; the attributes are those of the keys and of all indexes. */
function fixedOf(input: object): object {
  const {
    GlobalSecondaryIndexes: _indexes,
    AttributeDefinitions: _attributes,
    ...fixed
  } = { ...input } as Properties;
  return fixed;
}

const Indexes = z.object({
  GlobalSecondaryIndexes: z._default(z.array(z.looseObject({ IndexName: z.string() })), []),
});

/**
 * `dynalite` cannot change indexes, so what is added here cannot be queried: only the rules are held.
 * @throws {AwsError} ValidationException where AWS refuses the update
 */
function checkIndexes(before: Properties, after: Properties): void {
  const [had, has] = [before, after].map((one) => parse(Indexes, one).GlobalSecondaryIndexes);
  const names = [had, has].map((indexes) => (indexes ?? []).map(({ IndexName }) => IndexName));
  const all = new Set(names.flat());
  const changes = [...all].filter((name) => !names.every((one) => one.includes(name))).length;
  if (changes > 1) throw refused("Cannot perform more than one GSI creation or deletion in a single update");
  for (const index of has ?? []) {
    const old = had?.find(({ IndexName }) => IndexName === index.IndexName);
    if (old === undefined || isDeepStrictEqual(old, index)) continue;
    const message =
      "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights Specification. You can create a new GSI with a different name.";
    throw refused(message);
  }
}

const Warm = z.object({
  WarmThroughput: z._default(
    z.object({ ReadUnitsPerSecond: z._default(integer, 0), WriteUnitsPerSecond: z._default(integer, 0) }),
    { ReadUnitsPerSecond: 0, WriteUnitsPerSecond: 0 },
  ),
});

/** @throws {AwsError} ValidationException where it is to be less than it was; left out, it stays */
function checkWarmThroughput(before: Properties, after: Properties): void {
  if (after.WarmThroughput === undefined) return;
  const [had, has] = [parse(Warm, before).WarmThroughput, parse(Warm, after).WarmThroughput];
  for (const name of ["ReadUnitsPerSecond", "WriteUnitsPerSecond"] as const) {
    if (has[name] >= had[name]) continue;
    throw refused(
      `Requested ${name} for WarmThroughput for table is lower than the current WarmThroughput, decreasing WarmThroughput is not supported`,
    );
  }
}

const refused = (message: string): AwsError => new AwsError("ValidationException", message);

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
