import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { type Certificate, createCertificate } from "../../../sandbox/kubernetes/api-server/certificate.ts";
import { httpsApi } from "../../../shared/kubernetes/api/api.ts";
import { listBudgets } from "../../../shared/kubernetes/budget.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";

/** Asks a server that answers every call with this body, said to be compressed. */
async function budgetsFrom(body: Buffer): Promise<{ asked: string | undefined; answer: unknown }> {
  const certificate: Certificate = await createCertificate();
  let asked: string | undefined;
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    asked = request.headers["accept-encoding"]?.toString();
    response.setHeader("content-encoding", "gzip");
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const address = { name: "main", endpoint: `https://127.0.0.1:${port}`, ca: certificate.ca };
  try {
    const answer = await listBudgets(httpsApi(address, async () => "token")).catch((error) => error);
    return { asked, answer };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

it("asks for compressed answers and reads them", async () => {
  const item = { metadata: { namespace: "shop", name: "web" }, spec: {}, status: {} };
  const { asked, answer } = await budgetsFrom(gzipSync(JSON.stringify({ metadata: {}, items: [item] })));
  expect(asked).toBe("gzip");
  expect(answer).toMatchObject([{ namespace: "shop", name: "web" }]);
});

it("comes again where the compressed answer is broken or a bomb", async () => {
  const broken = await budgetsFrom(Buffer.from("no gzip"));
  expect(broken.answer).toBeInstanceOf(RetryLater);
  const bomb = await budgetsFrom(gzipSync(Buffer.alloc(300 * 2 ** 20)));
  expect(bomb.answer).toBeInstanceOf(RetryLater);
});
