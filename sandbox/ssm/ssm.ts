import * as z from "zod/mini";
import { ACCOUNT_ID, DEFAULT_REGION, type Service } from "../service.ts";
import { answer, type Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";

export interface Ssm extends Service {
  /** Sets a parameter, as a person would before a deploy. */
  put(name: string, value: string): void;
}

const Put = z.looseObject({ Name: z.string(), Value: z.string(), Overwrite: z._default(z.boolean(), false) });
const Get = z.looseObject({ Names: z.array(z.string()).check(z.minLength(1), z.maxLength(10)) });
const ParameterProperties = z.looseObject({ Name: z.optional(z.string()), Value: z.string() });

/** SSM Parameter Store: String and SecureString alike, one version each, no labels and no paths. */
export function createSsm(region = DEFAULT_REGION): Ssm {
  const parameters = new Map<string, string>();
  const described = (name: string, value: string) => ({
    Name: name,
    Value: value,
    Type: "SecureString",
    Version: 1,
    ARN: `arn:aws:ssm:${region}:${ACCOUNT_ID}:parameter/${name.replace(/^\//, "")}`,
    DataType: "text",
  });
  const operations: Record<string, Operation> = {
    PutParameter: (input) => {
      const { Name, Value, Overwrite } = parse(Put, input, "ValidationException");
      if (parameters.has(Name) && !Overwrite) {
        throw new AwsError("ParameterAlreadyExists", "The parameter already exists.");
      }
      parameters.set(Name, Value);
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
    put: (name, value) => void parameters.set(name, value),
  };
}
