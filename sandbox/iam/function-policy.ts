import { randomBytes } from "node:crypto";
import * as z from "zod/mini";
import { functionNameIn } from "../lambda/configuration.ts";
import { notSimulated } from "../not-simulated.ts";
import type { ResourceType } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { boolean } from "../wire/scalars.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_POLICY_BYTES = 20_480;

const Permission = z.looseObject({
  FunctionName: z.string(),
  Action: z.string(),
  Principal: z.string(),
  SourceArn: z.optional(z.string()),
  SourceAccount: z.optional(z.string()),
  FunctionUrlAuthType: z.optional(z.string()),
  InvokedViaFunctionUrl: z.optional(boolean),
});

/** A statement of a function's resource policy. */
interface Statement {
  readonly Action: string;
  readonly Principal: object;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The statements of each function's policy, by the function's name and their ids. */
export type FunctionPolicies = Map<string, Map<string, Statement>>;

/** Whether a request that comes by the function's URL, from anybody, may do this: on no other condition than that. */
export function allowsEverybody(policies: FunctionPolicies, functionName: string, action: string): boolean {
  return [...(policies.get(functionName)?.values() ?? [])].some(
    ({ Action, Principal, Condition }) =>
      Action === action &&
      JSON.stringify(Principal) === '{"AWS":"*"}' &&
      Object.values(Condition).every((keys) =>
        Object.entries(keys).every(([key, value]) => BY_URL[key] === value),
      ),
  );
}

const BY_URL: Readonly<Record<string, string>> = {
  "lambda:FunctionUrlAuthType": "NONE",
  "lambda:InvokedViaFunctionUrl": "true",
};

/**
 * `AWS::Lambda::Permission`: statements of functions' resource policies, which take so many bytes each. Only who comes by a
 * function URL is refused for want of one.
 *
 * @param arnOf a function by its name. @throws {AwsError} ResourceNotFoundException
 */
export function permissionResource(
  arnOf: (functionName: string) => string,
  policies: FunctionPolicies = new Map(),
): ResourceType {
  return async (logicalId, properties, generatedName = logicalId) => {
    const { FunctionName, Action, Principal, ...conditions } = parse(Permission, properties);
    const arn = arnOf(FunctionName);
    const name = functionNameIn(FunctionName);
    const statements = policies.get(name) ?? new Map<string, Statement>();
    const Sid = `${generatedName}-${randomBytes(6).toString("hex")}`;
    const Condition = conditionOf(conditions);
    const isService = Principal.endsWith(".amazonaws.com");
    const statement = {
      ...{ Sid, Effect: "Allow", Action, Resource: arn, Condition },
      Principal: isService ? { Service: Principal } : { AWS: Principal },
    };
    const after = { Version: "2012-10-17", Id: "default", Statement: [...statements.values(), statement] };
    const bytes = Buffer.byteLength(JSON.stringify(after));
    if (bytes > LARGEST_POLICY_BYTES) {
      const message = `The final policy size (${bytes}) is bigger than the limit (${LARGEST_POLICY_BYTES}).`;
      throw new AwsError("PolicyLengthExceededException", message);
    }
    policies.set(name, statements.set(Sid, statement));
    return {
      ref: Sid,
      notSimulated: notSimulated(logicalId, properties, Object.keys(Permission.shape)),
      remove: async () => void statements.delete(Sid),
    };
  };
}

type Conditions = Pick<
  z.output<typeof Permission>,
  "SourceArn" | "SourceAccount" | "FunctionUrlAuthType" | "InvokedViaFunctionUrl"
>;

function conditionOf({
  SourceArn,
  SourceAccount,
  FunctionUrlAuthType,
  InvokedViaFunctionUrl,
}: Conditions): Statement["Condition"] {
  const equal = {
    ...(SourceAccount !== undefined && { "AWS:SourceAccount": SourceAccount }),
    ...(FunctionUrlAuthType !== undefined && { "lambda:FunctionUrlAuthType": FunctionUrlAuthType }),
  };
  return {
    ...(SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": SourceArn } }),
    ...(Object.keys(equal).length > 0 && { StringEquals: equal }),
    ...(InvokedViaFunctionUrl !== undefined && {
      Bool: { "lambda:InvokedViaFunctionUrl": String(InvokedViaFunctionUrl) },
    }),
  };
}
