import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSecretsManager } from "../../../sandbox/secrets-manager/secrets-manager.ts";
import { serveService } from "../http-server.ts";

async function start() {
  const secrets = createSecretsManager();
  const client = new SecretsManagerClient({ endpoint: await serveService(secrets), region: "us-east-1" });
  onTestFinished(() => client.destroy());
  return { secrets, client };
}

describe("Secrets Manager", () => {
  it("gives a secret by its name and by its ARN", async () => {
    const { client } = await start();
    const { ARN } = await client.send(new CreateSecretCommand({ Name: "shop", SecretString: "s-1" }));
    const byName = await client.send(new GetSecretValueCommand({ SecretId: "shop" }));
    const byArn = await client.send(new GetSecretValueCommand({ SecretId: ARN }));
    expect([byName.SecretString, byArn.SecretString]).toEqual(["s-1", "s-1"]);
  });

  it("has no secret that nobody made", async () => {
    const { client } = await start();
    const asked = client.send(new GetSecretValueCommand({ SecretId: "nobody" }));
    await expect(asked).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("keeps a secret's ARN when its text is put anew", async () => {
    const { secrets, client } = await start();
    secrets.put("shop", "old");
    const before = await client.send(new GetSecretValueCommand({ SecretId: "shop" }));
    secrets.put("shop", "new");
    const after = await client.send(new GetSecretValueCommand({ SecretId: "shop" }));
    expect([after.SecretString, after.ARN]).toEqual(["new", before.ARN]);
  });
});
