import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import { ACCOUNT_ID, type ResourceType } from "../service.ts";
import { parse } from "../wire/parse.ts";
import { allows, type ConditionContext, PolicyDocument, type PolicyStatement } from "./policy.ts";

const Principal = z.union([z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))]);
const KeyProperties = z.looseObject({ KeyPolicy: z.optional(PolicyDocument) });

/** A call that needs a key. */
export interface KeyUse {
  readonly keyArn: string;
  /** For example `kms:Decrypt`. */
  readonly action: string;
  readonly roleArn: string;
  readonly context: ConditionContext;
  /** Whether the role's own policies allow it. */
  readonly byRole: boolean;
}

/** What somebody may do with a key beside its policy. */
interface Grant {
  readonly keyArn: string;
  readonly roleArn: string;
  readonly actions: readonly string[];
}

/**
 * The account's KMS keys: their policies and grants. A key's policy decides who may use it: it names the role, or hands
 * over to IAM by naming the account. A key that is declared nowhere hands over to IAM.
 * https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
 */
export class Keys {
  readonly #policies = new Map<string, readonly PolicyStatement[]>();
  readonly #grants = new Set<Grant>();

  /** Declares a key of the account, as a person would have made it before a deploy. */
  put(keyArn: string, policy: z.input<typeof PolicyDocument>): void {
    this.#policies.set(keyArn, [parse(PolicyDocument, policy).Statement].flat());
  }

  /**
   * @param actions for example `kms:Decrypt`
   * @returns retires it: another grant of the same stays
   */
  grant(keyArn: string, roleArn: string, actions: readonly string[]): () => void {
    const granted: Grant = { keyArn, roleArn, actions };
    this.#grants.add(granted);
    return () => void this.#grants.delete(granted);
  }

  allows({ keyArn, action, roleArn, context, byRole }: KeyUse): boolean {
    const statements = this.#policies.get(keyArn);
    if (statements === undefined) return byRole;
    const isGranted = [...this.#grants].some(
      (grant) => grant.keyArn === keyArn && grant.roleArn === roleArn && grant.actions.includes(action),
    );
    const about = (principals: readonly string[]) =>
      statements.filter((statement) => principalsOf(statement).some((one) => principals.includes(one)));
    const permits = (some: readonly PolicyStatement[]) => allows(some, action, [keyArn], context);
    const denied = statements.filter(({ Effect }) => Effect === "Deny");
    if (!permits([{ Effect: "Allow", Action: "*", Resource: "*" }, ...denied])) return false;
    return isGranted || permits(about(["*", roleArn])) || (byRole && permits(about(ACCOUNT)));
  }

  /** `AWS::KMS::Key` in a region. */
  resourcesIn(region: string): Readonly<Record<string, ResourceType>> {
    return {
      "AWS::KMS::Key": async (_, properties) => {
        const { KeyPolicy } = parse(KeyProperties, properties);
        const id = randomUUID();
        const Arn = `arn:aws:kms:${region}:${ACCOUNT_ID}:key/${id}`;
        if (KeyPolicy) this.put(Arn, KeyPolicy);
        return {
          ref: id,
          attributes: { KeyId: id, Arn },
          remove: async () => void this.#policies.delete(Arn),
        };
      },
    };
  }
}

/** By naming the account, a key's policy hands over to IAM. */
const ACCOUNT = [`arn:aws:iam::${ACCOUNT_ID}:root`, ACCOUNT_ID];

function principalsOf(statement: PolicyStatement): readonly string[] {
  const principal = z.safeParse(Principal, Reflect.get(statement, "Principal"));
  if (!principal.success) return [];
  return typeof principal.data === "string" ? [principal.data] : [principal.data.AWS ?? []].flat();
}
