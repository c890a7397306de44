import type { SecretRef } from "../secrets/secret-ref.ts";
import { arn, type Resource } from "./resource.ts";
import type { Statement } from "./role.ts";

/** What a role needs to read these secrets and no others. */
export function readSecrets(refs: readonly SecretRef[]): readonly Statement[] {
  const parameters = unique(refs.flatMap((ref) => ("ssm" in ref ? [ref.ssm] : [])));
  const secrets = unique(refs.flatMap((ref) => ("secret" in ref ? [ref.secret] : [])));
  return [
    { sid: "ReadParameters", actions: ["ssm:GetParameters"], on: parameters.map(parameterArn) },
    { sid: "ReadSecrets", actions: ["secretsmanager:GetSecretValue"], on: secrets.map(secretArn) },
  ];
}

function parameterArn(name: string): Resource | string {
  if (name.startsWith("arn:")) return name;
  return arn("ssm", `parameter/${name.replace(/^\//, "")}`);
}

/** Secrets Manager adds six characters of its own to a secret's name. */
function secretArn(name: string): Resource | string {
  if (name.startsWith("arn:")) return name;
  return arn("secretsmanager", `secret:${name}-??????`);
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
