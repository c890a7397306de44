import type { SecretRef } from "../secrets/secret-ref.ts";
import { arn, type Resource } from "./resource.ts";
import type { Statement } from "./role.ts";

/**
 * What a role needs to read these secrets and no others.
 *
 * @param region where they are; the stack's own where absent
 */
export function readSecrets(refs: readonly SecretRef[], region?: string): readonly Statement[] {
  const parameters = unique(refs.flatMap((ref) => ("ssm" in ref ? [ref.ssm] : [])));
  const secrets = unique(refs.flatMap((ref) => ("secret" in ref ? [ref.secret] : [])));
  return [
    {
      sid: "ReadParameters",
      actions: ["ssm:GetParameters"],
      on: parameters.map((name) => parameterArn(name, region)),
    },
    {
      sid: "ReadSecrets",
      actions: ["secretsmanager:GetSecretValue"],
      on: secrets.map((name) => secretArn(name, region)),
    },
  ];
}

function parameterArn(name: string, region: string | undefined): Resource | string {
  if (name.startsWith("arn:")) return name;
  return arn("ssm", `parameter/${name.replace(/^\//, "")}`, region);
}

/** Secrets Manager adds six characters of its own to a secret's name. */
function secretArn(name: string, region: string | undefined): Resource | string {
  if (name.startsWith("arn:")) return name;
  return arn("secretsmanager", `secret:${name}-??????`, region);
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
