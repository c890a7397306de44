import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Account } from "../account.ts";

/** Options of an AWS client that speaks to the account. */
export function clientFor({ url }: Pick<Account, "url">) {
  return {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
    requestHandler: new NodeHttpHandler(),
  };
}
