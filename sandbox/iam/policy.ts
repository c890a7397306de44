import * as z from "zod/mini";

const textOrList = z.union([z.string(), z.array(z.string())]);

const Statement = z.looseObject({
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.optional(textOrList),
  NotAction: z.optional(textOrList),
  Resource: z.optional(textOrList),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
});

export const PolicyDocument = z.looseObject({
  Statement: z.union([Statement, z.array(Statement)]),
});

/** A statement of a policy. */
export type PolicyStatement = z.infer<typeof Statement>;

/** What a condition may ask about a call, by its key in lower case; undefined for what the call does not have. */
export type ConditionContext = (key: string, resource: string) => readonly string[] | undefined;

const NO_CONTEXT: ConditionContext = () => undefined;

/**
 * Whether statements allow an action, for example `kinesis:UpdateShardCount`, on all of these resources; without
 * resources, on any at all. A condition about something the call does not have does not hold.
 *
 * @param resources ARNs, or `*` for an action that has no resource level
 */
export function allows(
  statements: readonly PolicyStatement[],
  action: string,
  resources: readonly string[] = [],
  context: ConditionContext = NO_CONTEXT,
): boolean {
  const about = statements.filter((one) => isAbout(one, action));
  const someApply = (effect: "Allow" | "Deny", resource?: string) =>
    about.some(
      (one) =>
        one.Effect === effect && namesResource(one, resource) && conditionHolds(one, resource, context),
    );
  if (resources.length === 0) return someApply("Allow") && !someApply("Deny");
  return resources.every((resource) => someApply("Allow", resource) && !someApply("Deny", resource));
}

function isAbout({ Action, NotAction }: PolicyStatement, action: string): boolean {
  if (NotAction !== undefined) return ![NotAction].flat().some((pattern) => fits(pattern, action, "i"));
  return [Action ?? []].flat().some((pattern) => fits(pattern, action, "i"));
}

function namesResource({ Resource = "*" }: PolicyStatement, resource: string | undefined): boolean {
  return resource === undefined || [Resource].flat().some((pattern) => fits(pattern, resource));
}

type Compare = (wanted: string, found: string) => boolean;

const COMPARE: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, found) => wanted === found,
  StringNotEquals: (wanted, found) => wanted !== found,
  StringLike: fits,
  ArnEquals: fits,
  ArnLike: fits,
  Bool: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
};

function conditionHolds(
  { Condition = {} }: PolicyStatement,
  resource: string | undefined,
  context: ConditionContext,
): boolean {
  // Where it is not known what the call is on, its tags are not known either.
  if (resource === undefined) return true;
  return Object.entries(Condition).every(([operator, wanted]) =>
    Object.entries(wanted).every(([key, values]) => {
      const found = context(key.toLowerCase(), resource);
      if (found === undefined) return operator.endsWith("IfExists");
      const compare = COMPARE[operator.replace(/IfExists$/, "").replace(/^For(Any|All)Values:/, "")];
      return (
        compare !== undefined && [values].flat().some((one) => found.some((is) => compare(String(one), is)))
      );
    }),
  );
}

/** IAM's wildcards: `*` any text, `?` one character. The case counts in resources, not in actions. */
function fits(pattern: string, text: string, flags = ""): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, flags).test(text);
}
