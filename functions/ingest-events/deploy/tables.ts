import type { Resource } from "../../../shared/cloudformation/resource.ts";
import { deletionPolicy } from "../../../shared/config/deletion-policy.ts";
import { logicalId } from "../../../shared/config/logical-id.ts";
import { hasTimeToLive } from "../config/reserved.ts";
import {
  type IngestConfig,
  indexKeys,
  type KeyAttribute,
  keyAttributes,
  type TableConfig,
} from "../config/schema.ts";

export function tableId(name: string): string {
  return `Table${logicalId(name)}`;
}

/** The tables that the stack creates, by their logical ids. */
export function tablesFor(config: IngestConfig, stage: string): Record<string, Resource> {
  const created = Object.entries(config.tables).filter(([, { existing }]) => !existing);
  return Object.fromEntries(
    created.map(([name, table]) => [tableId(name), tableResource(name, table, config, stage)]),
  );
}

function tableResource(name: string, table: TableConfig, config: IngestConfig, stage: string): Resource {
  return {
    Type: "AWS::DynamoDB::Table",
    DeletionPolicy: deletionPolicy(stage),
    UpdateReplacePolicy: "Retain",
    Properties: {
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: definitionsOf(table),
      KeySchema: keySchema(keyAttributes(table)),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: {
        SSEEnabled: true,
        ...(table.kmsKeyArn !== undefined && { SSEType: "KMS", KMSMasterKeyId: table.kmsKeyArn }),
      },
      ...(hasTimeToLive(config, name) && {
        TimeToLiveSpecification: { AttributeName: table.timeToLive, Enabled: true },
      }),
      DeletionProtectionEnabled: table.deletionProtection,
      ...options(table),
    },
  };
}

/** What DynamoDB has no default of ours for: only what the config asks for. */
function options(table: TableConfig): Resource {
  const { globalIndexes, localIndexes, stream, tags, tableClass, warmThroughput } = table;
  const { maximumReadUnits, maximumWriteUnits } = table;
  const isLimited = maximumReadUnits !== undefined || maximumWriteUnits !== undefined;
  return {
    ...(globalIndexes && { GlobalSecondaryIndexes: indexes(globalIndexes, (index) => indexKeys(index)) }),
    ...(localIndexes && {
      LocalSecondaryIndexes: indexes(localIndexes, ({ sortKey }) => [
        keyAttributes(table)[0],
        ...indexKeys({ sortKey }),
      ]),
    }),
    ...(stream !== undefined && { StreamSpecification: { StreamViewType: stream } }),
    ...(tags && { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
    ...(tableClass !== undefined && { TableClass: tableClass }),
    ...(isLimited && {
      OnDemandThroughput: {
        ...(maximumReadUnits !== undefined && { MaxReadRequestUnits: maximumReadUnits }),
        ...(maximumWriteUnits !== undefined && { MaxWriteRequestUnits: maximumWriteUnits }),
      },
    }),
    ...(warmThroughput && {
      WarmThroughput: {
        ReadUnitsPerSecond: warmThroughput.readUnits,
        WriteUnitsPerSecond: warmThroughput.writeUnits,
      },
    }),
  };
}

type Projection = "ALL" | "KEYS_ONLY" | readonly string[];

function indexes<Index extends { readonly projection: Projection }>(
  byName: Readonly<Record<string, Index>>,
  keysOf: (index: Index) => readonly KeyAttribute[],
): readonly Resource[] {
  return Object.entries(byName).map(([IndexName, index]) => ({
    IndexName,
    KeySchema: keySchema(keysOf(index)),
    Projection:
      typeof index.projection === "string"
        ? { ProjectionType: index.projection }
        : { ProjectionType: "INCLUDE", NonKeyAttributes: index.projection },
  }));
}

function keySchema(key: readonly KeyAttribute[]): readonly Resource[] {
  return key.map(({ name: AttributeName }, index) => ({
    AttributeName,
    KeyType: index === 0 ? "HASH" : "RANGE",
  }));
}

/** Of the key and of every index, each once. */
function definitionsOf(table: TableConfig): readonly Resource[] {
  const all = [
    ...keyAttributes(table),
    ...Object.values(table.globalIndexes ?? {}).flatMap((index) => indexKeys(index)),
    ...Object.values(table.localIndexes ?? {}).flatMap(({ sortKey }) => indexKeys({ sortKey })),
  ];
  return [...new Map(all.map((attribute) => [attribute.name, attribute])).values()].map(({ name, type }) => ({
    AttributeName: name,
    AttributeType: { string: "S", number: "N", binary: "B" }[type],
  }));
}
