import * as z from "zod/mini";
import { ACCOUNT_ID, DEFAULT_REGION, type Service } from "../service.ts";
import { answer, type Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";

export interface Ssm extends Service {
  /** Sets a parameter, as a person would before a deploy; under a customer's key where one is given. */
  put(name: string, value: string, keyArn?: string): void;
}

const Put = z.looseObject({
  Name: z.string(),
  Value: z.string(),
  Overwrite: z._default(z.boolean(), false),
  KeyId: z.optional(z.string()),
});
const Get = z.looseObject({ Names: z.array(z.string()).check(z.minLength(1), z.maxLength(10)) });
const ParameterProperties = z.looseObject({ Name: z.optional(z.string()), Value: z.string() });

/** SSM Parameter Store: String and SecureString alike, one version each, no labels and no paths. */
/** @param onKey hears of the customer's key a parameter is encrypted with, by the parameter's ARN */
export function createSsm(
  region = DEFAULT_REGION,
  onKey: (arn: string, key: string | undefined) => void = () => {},
): Ssm {
  const parameters = new Map<string, string>();
  const arnOf = (name: string) => `arn:aws:ssm:${region}:${ACCOUNT_ID}:parameter/${name.replace(/^\//, "")}`;
  const described = (name: string, value: string) => ({
    Name: name,
    Value: value,
    Type: "SecureString",
    Version: 1,
    ARN: arnOf(name),
    DataType: "text",
  });
  const put = (name: string, value: string, key?: string) => {
    parameters.set(name, value);
    onKey(arnOf(name), key);
  };
  const operations: Record<string, Operation> = {
    PutParameter: (input) => {
      const { Name, Value, Overwrite, KeyId } = parse(Put, input, "ValidationException");
      if (parameters.has(Name) && !Overwrite) {
        throw new AwsError("ParameterAlreadyExists", "The parameter already exists.");
      }
      put(Name, Value, KeyId);
      return { Version: 1, Tier: "Standard" };
    },
    GetParameters: (input) => {
      const { Names } = parse(Get, input, "ValidationException");
      const found = Names.flatMap((name) => {
        const value = parameters.get(name);
        return value === undefined ? [] : [described(name, value)];
      });
      return { Parameters: found, InvalidParameters: Names.filter((name) => !parameters.has(name)) };
    },
  };
  const service = { name: "SSM", operations, xmlNamespace: "" };
  return {
    signingNames: ["ssm"],
    handle: (request) => answer(service, request),
    resources: {
      "AWS::SSM::Parameter": async (logicalId, properties) => {
        const { Name = logicalId, Value } = parse(ParameterProperties, properties);
        parameters.set(Name, Value);
        return { ref: Name, attributes: { Value } };
      },
    },
    put,
  };
}
