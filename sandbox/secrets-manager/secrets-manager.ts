import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import { ACCOUNT_ID, DEFAULT_REGION, type Service } from "../service.ts";
import { answer, type Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";

export interface SecretsManager extends Service {
  /** Sets a secret's text, as a person would before a deploy. */
  put(name: string, value: string): void;
}

interface Secret {
  readonly arn: string;
  readonly value: string;
}

const Create = z.looseObject({ Name: z.string(), SecretString: z.string() });
const Get = z.looseObject({ SecretId: z.string() });

/** Secrets Manager: texts only, the current version only, no rotation. */
export function createSecretsManager(region = DEFAULT_REGION): SecretsManager {
  const secrets = new Map<string, Secret>();
  const put = (name: string, value: string): Secret => {
    // AWS adds six characters of its own to the name in the ARN.
    const arn = `arn:aws:secretsmanager:${region}:${ACCOUNT_ID}:secret:${name}-${randomUUID().slice(0, 6)}`;
    const secret = { arn: secrets.get(name)?.arn ?? arn, value };
    secrets.set(name, secret);
    return secret;
  };
  const operations: Record<string, Operation> = {
    CreateSecret: (input) => {
      const { Name, SecretString } = parse(Create, input, "InvalidParameterException");
      if (secrets.has(Name)) {
        throw new AwsError("ResourceExistsException", `A secret with the name ${Name} already exists.`);
      }
      return { ARN: put(Name, SecretString).arn, Name };
    },
    GetSecretValue: (input) => {
      const { SecretId } = parse(Get, input, "InvalidParameterException");
      const [name, secret] =
        [...secrets].find(([known, { arn }]) => known === SecretId || arn === SecretId) ?? [];
      if (name === undefined || !secret) {
        throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
      }
      return { ARN: secret.arn, Name: name, SecretString: secret.value };
    },
  };
  const service = { name: "Secrets Manager", operations, xmlNamespace: "" };
  return {
    signingNames: ["secretsmanager"],
    handle: (request) => answer(service, request),
    put: (name, value) => void put(name, value),
  };
}
