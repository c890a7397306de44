import { GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSsm } from "../../../sandbox/ssm/ssm.ts";
import { serveService } from "../http-server.ts";

async function start() {
  const ssm = createSsm();
  const client = new SSMClient({ endpoint: await serveService(ssm), region: "us-east-1" });
  onTestFinished(() => client.destroy());
  return { ssm, client };
}

describe("Parameter Store", () => {
  it("gives what was put, and names what is not there", async () => {
    const { ssm, client } = await start();
    ssm.put("/shop/token", "t-1");
    const { Parameters, InvalidParameters } = await client.send(
      new GetParametersCommand({ Names: ["/shop/token", "/nowhere"], WithDecryption: true }),
    );
    expect(Parameters).toMatchObject([{ Name: "/shop/token", Value: "t-1" }]);
    expect(InvalidParameters).toEqual(["/nowhere"]);
  });

  it("does not overwrite a parameter unasked", async () => {
    const { client } = await start();
    await client.send(new PutParameterCommand({ Name: "/mine", Value: "1", Type: "SecureString" }));
    const again = client.send(new PutParameterCommand({ Name: "/mine", Value: "2", Type: "SecureString" }));
    await expect(again).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
  });

  it("refuses more than ten names, as AWS does", async () => {
    const { client } = await start();
    const Names = Array.from({ length: 11 }, (_, index) => `/p${index}`);
    await expect(client.send(new GetParametersCommand({ Names }))).rejects.toMatchObject({
      name: "ValidationException",
    });
  });
});

it("names the customer's key that a parameter is encrypted with", async () => {
  const keys = new Map<string, string | undefined>();
  const ssm = createSsm("eu-west-1", (arn, key) => keys.set(arn, key));
  ssm.put("/sites/token", "t", "arn:aws:kms:eu-west-1:000000000000:key/1");
  expect([...keys]).toEqual([
    ["arn:aws:ssm:eu-west-1:000000000000:parameter/sites/token", "arn:aws:kms:eu-west-1:000000000000:key/1"],
  ]);
});
