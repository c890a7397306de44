/**
 * Started by bench/ingest/ingest.ts in a process of its own: a DynamoDB that answers every call at once, over sockets, so that
 * only the caller's work is measured. Prints its address.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerTo } from "./landings.ts";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(answerTo(Buffer.concat(chunks)));
  });
});
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.stdin.on("end", () => process.exit());
process.stdin.resume();
