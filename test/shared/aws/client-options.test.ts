import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { afterEach, expect, it } from "vitest";
import { clientOptions } from "../../../shared/aws/client-options.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

it("let the Kinesis client send many calls over one HTTP/1.1 connection that is kept alive", async () => {
  let connections = 0;
  const versions: string[] = [];
  server = createServer((request, response) => {
    versions.push(request.httpVersion);
    request.resume().on("end", () => response.end('{"HasMoreStreams":false,"StreamNames":[]}'));
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const client = new KinesisClient({
    ...clientOptions(),
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  for (let call = 0; call < 3; call += 1) await client.send(new ListStreamsCommand({}));
  client.destroy();
  expect({ connections, versions }).toEqual({ connections: 1, versions: ["1.1", "1.1", "1.1"] });
});
