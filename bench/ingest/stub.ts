/**
 * Started by bench/ingest in a process of its own, `node bench/ingest/stub.ts [what stands in the table]`: a DynamoDB that
 * answers every call at once, over sockets, so that only the caller's work and memory are measured. Prints its address.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { answerTo } from "./landings.ts";
import { type Standing, standingOf } from "./standing.ts";

const [what] = process.argv.slice(2);
const standing = what === undefined ? undefined : standingOf(what);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.setHeader("content-type", "application/x-amz-json-1.0");
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const body = Buffer.concat(chunks);
    if (standing === undefined) response.end(answerTo(body));
    else answerFrom(standing, operation, body.toString(), response);
  });
});
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.stdin.on("end", () => process.exit());
process.stdin.resume();

/** As DynamoDB answers where an item stands under every key. */
function answerFrom(standing: Standing, operation: string, body: string, response: ServerResponse): void {
  if (operation === "BatchGetItem") {
    const [[table = "", { Keys = [] } = {}] = []] = Object.entries<{ Keys?: readonly object[] }>(
      JSON.parse(body).RequestItems,
    );
    send(response, [`{"Responses":{${JSON.stringify(table)}:[`, ...joined(Keys, standing), "]}}"]);
  } else if (operation === "BatchExecuteStatement") {
    const statements = JSON.parse(body).Statements as readonly { readonly Statement: string }[];
    const errors = statements.map(({ Statement }) =>
      Statement.startsWith("INSERT") ? '{"Error":{"Code":"DuplicateItem","Message":"it exists"}}' : "{}",
    );
    response.end(`{"Responses":[${errors.join(",")}]}`);
  } else if (operation === "PutItem") {
    const { Item, ReturnValuesOnConditionCheckFailure: returned } = JSON.parse(body);
    response.statusCode = 400;
    const failure =
      '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"';
    const item = returned === "ALL_OLD" ? [',"Item":', ...itemOf({ id: Item.id }, standing)] : [];
    send(response, [failure, ...item, "}"]);
  } else response.end("{}");
}

function joined(keys: readonly object[], standing: Standing): (string | Buffer)[] {
  return keys.flatMap((key, index) => [...(index === 0 ? [] : [","]), ...itemOf(key, standing)]);
}

function itemOf(key: object, { value, version }: Standing): (string | Buffer)[] {
  return [`${JSON.stringify(key).slice(0, -1)},"_version":{"N":"${version}"},"a":`, value, "}"];
}

function send(response: ServerResponse, parts: readonly (string | Buffer)[]): void {
  Readable.from(parts, { objectMode: true }).pipe(response);
  response.on("error", () => {});
}
