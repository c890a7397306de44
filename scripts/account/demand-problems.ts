import { partitionOf } from "../stage/region.ts";
import type { AccountConfig } from "./account-config.ts";

/** What of an account's demands AWS would refuse in this region. */
export function demandProblems(account: AccountConfig, region: string): readonly string[] {
  return [...boundaryProblems(account, region), ...keyProblems(account)];
}

function boundaryProblems({ permissionsBoundary, ids }: AccountConfig, region: string): readonly string[] {
  if (!permissionsBoundary?.startsWith("arn:")) return [];
  const [, partition, , , account = ""] = permissionsBoundary.split(":");
  const expected = partitionOf(region);
  if (partition !== expected) {
    return [
      `account.permissionsBoundary: found ${permissionsBoundary}, expected an ARN of ${region}'s partition, arn:${expected}:…`,
    ];
  }
  if (account === "aws" || ids.length === 0 || ids.includes(account)) return [];
  return [
    `account.permissionsBoundary: found a policy of ${account}, expected one of the account it is deployed to: ${ids.join(", ")}`,
  ];
}

const keyProblems = ({ kmsKeys }: AccountConfig): readonly string[] =>
  Object.entries(kmsKeys).flatMap(([kind, keys]) =>
    keys.flatMap((arn) => {
      const [, partition, , region = ""] = arn.split(":");
      const expected = partitionOf(region);
      return partition === expected
        ? []
        : [`account.kmsKeys.${kind}: found ${arn}, expected arn:${expected}:… for ${region}`];
    }),
  );
