import * as z from "zod/mini";
import type { Callers } from "../endpoint/calls.ts";
import { credentialScope } from "../endpoint/credential-scope.ts";
import { ACCOUNT_ID, type AwsRequest, type Service } from "../service.ts";
import { answer } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import type { Iam } from "./iam.ts";
import { type CallingFunction, roleOfCaller } from "./permissions.ts";

export interface StsDependencies {
  readonly iam: Pick<Iam, "trusts">;
  readonly callers: Callers;
  readonly functions: () => readonly CallingFunction[];
  /** A session calls as a function does, with the role it has assumed. */
  readonly onSession: (session: CallingFunction) => void;
  readonly now: () => number;
}

const AssumeRole = z.object({ RoleArn: z.string(), RoleSessionName: z.string() });

const SESSION_MS = 3_600_000;

/**
 * STS: who somebody is, for deploy tools, and roles that a function assumes. The sandbox is one account: a role of another
 * is one of its own roles with that name, and what it reaches is in this account too.
 */
export function createSts(dependencies: StsDependencies): Service {
  let sessions = 0;
  const assume = (request: AwsRequest, input: unknown) => {
    const { RoleArn, RoleSessionName } = parse(AssumeRole, input, "ValidationError");
    const { iam, callers, functions, onSession, now } = dependencies;
    const caller = callers.get(credentialScope(request.headers, request.query)?.accessKeyId ?? "");
    const role = caller && roleOfCaller(caller, functions());
    if (caller !== undefined && !iam.trusts(RoleArn, role ?? "")) {
      const user = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role?.split("/").at(-1)}/${caller.functionName}`;
      const message = `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
      throw new AwsError("AccessDenied", message, { status: 403 });
    }
    sessions += 1;
    const AccessKeyId = `ASIASESSION${sessions}`;
    const [, , , , account] = RoleArn.split(":");
    const Arn = `arn:aws:sts::${account}:assumed-role/${RoleArn.split("/").at(-1)}/${RoleSessionName}`;
    if (caller !== undefined) {
      callers.set(AccessKeyId, { ...caller, functionArn: `${Arn}/${sessions}` });
      onSession({ name: caller.functionName, arn: `${Arn}/${sessions}`, role: RoleArn });
    }
    const Expiration = new Date(now() + SESSION_MS);
    return {
      Credentials: {
        AccessKeyId,
        SecretAccessKey: "sandbox",
        SessionToken: `session-${sessions}`,
        Expiration,
      },
      AssumedRoleUser: { Arn, AssumedRoleId: `AROASESSION${sessions}:${RoleSessionName}` },
    };
  };
  const service = (request: AwsRequest) => ({
    name: "STS",
    operations: {
      GetCallerIdentity: () => ({
        Arn: `arn:aws:iam::${ACCOUNT_ID}:root`,
        UserId: ACCOUNT_ID,
        Account: ACCOUNT_ID,
      }),
      AssumeRole: (input: unknown) => assume(request, input),
    },
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  });
  return { signingNames: ["sts"], handle: (request) => answer(service(request), request) };
}
