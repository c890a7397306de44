import type { Server } from "node:http";
import dynalite from "dynalite";
import * as z from "zod/mini";
import { createUpstream } from "../endpoint/upstream.ts";
import { type AwsRequest, type AwsResponse, DEFAULT_REGION, type Service } from "../service.ts";
import { decodeJson } from "../wire/json.ts";
import { closeServer, listenOn } from "../wire/listen.ts";
import { parse } from "../wire/parse.ts";
import { batchStatements } from "./batch-statements.ts";
import { createCall } from "./call.ts";
import { withFailedItem } from "./condition-failure.ts";
import { countedUpstream, type RequestUnits } from "./consumed-capacity.ts";
import { createTableSettings } from "./settings.ts";
import { tableResource } from "./table-resource.ts";

const TableInput = z.looseObject({ TableName: z.string() });

export interface DynamoDb extends Service {
  /** What all calls since the start consumed. */
  requestUnits(): RequestUnits;
}

const CONDITIONAL_WRITES: ReadonlySet<string> = new Set(["PutItem", "UpdateItem", "DeleteItem"]);

/**
 * DynamoDB over the wire: `dynalite` in this process and in memory, with what it lacks put in front of it: the
 * table's settings (settings.ts), the item a condition failed on (condition-failure.ts) and batches of PartiQL's writes
 * (batch-statements.ts). Not simulated:
 * transactions, throttling, and the deletion of items whose time to live is over (readers must leave them
 * out, as in AWS, where it may take days).
 */
export async function startDynamoDb(region = DEFAULT_REGION): Promise<DynamoDb> {
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // It would close a connection that was idle for 5 seconds just as the next call is sent over it.
  server.keepAliveTimeout = 0;
  const { upstream, units } = countedUpstream(createUpstream(await listenOn(server, 0)));
  const call = createCall(upstream, region);
  const settings = createTableSettings();

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
    if (operation === "BatchExecuteStatement") return batchStatements(decodeJson(request.body), call);
    if (Object.hasOwn(settings, operation)) return answerSetting(operation, request);
    const response = await upstream.forward(request);
    if (response.status < 400 || !CONDITIONAL_WRITES.has(operation)) return response;
    return withFailedItem(decodeJson(request.body), response, call);
  }

  async function answerSetting(operation: string, request: AwsRequest): Promise<AwsResponse> {
    const input = decodeJson(request.body);
    const { TableName } = parse(TableInput, input, "ValidationException");
    // A table that is not there has the same answer whatever was asked.
    const table = await call("DescribeTable", { TableName });
    if (table.status >= 400) return table;
    const headers = { "content-type": "application/x-amz-json-1.0" };
    return { status: 200, headers, body: JSON.stringify(settings[operation]?.(TableName, input)) };
  }

  return {
    signingNames: ["dynamodb"],
    handle,
    requestUnits: units,
    resources: { "AWS::DynamoDB::Table": tableResource(call, settings, region) },
    stop: async () => {
      await upstream.stop();
      await closeServer(server);
    },
  };
}
