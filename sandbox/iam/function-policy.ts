import { randomBytes } from "node:crypto";
import * as z from "zod/mini";
import { functionNameIn } from "../lambda/configuration.ts";
import { notSimulated } from "../not-simulated.ts";
import type { ResourceType } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_POLICY_BYTES = 20_480;

const Permission = z.looseObject({
  FunctionName: z.string(),
  Action: z.string(),
  Principal: z.string(),
  SourceArn: z.optional(z.string()),
  SourceAccount: z.optional(z.string()),
});

/**
 * `AWS::Lambda::Permission`: statements of functions' resource policies, which take so many bytes each. Nobody is refused
 * for want of one.
 *
 * @param arnOf a function by its name. @throws {AwsError} ResourceNotFoundException
 */
export function permissionResource(arnOf: (functionName: string) => string): ResourceType {
  const policies = new Map<string, Map<string, object>>();
  return async (logicalId, properties, generatedName = logicalId) => {
    const { FunctionName, Action, Principal, SourceArn, SourceAccount } = parse(Permission, properties);
    const arn = arnOf(FunctionName);
    const name = functionNameIn(FunctionName);
    const statements = policies.get(name) ?? new Map<string, object>();
    const Sid = `${generatedName}-${randomBytes(6).toString("hex")}`;
    const Condition = {
      ...(SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": SourceArn } }),
      ...(SourceAccount !== undefined && { StringEquals: { "AWS:SourceAccount": SourceAccount } }),
    };
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
