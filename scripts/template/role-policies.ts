import { type Resource, ref } from "../../shared/cloudformation/resource.ts";
import { groupByPrefix } from "./prefixes.ts";
import { policySize } from "./worst-case.ts";

/**
 * IAM's quotas, in characters without white space: of all inline policies of a role together, and of a managed policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const INLINE_POLICIES_SIZE = 10_240;
export const MANAGED_POLICY_SIZE = 6_144;
/** Managed policies a role may have are 10. One is left to whoever attaches their own. */
const MANAGED_POLICIES = 9;

type Resources = Readonly<Record<string, Resource>>;
type Statement = Resource;

/** The roles as they fit. */
export interface FittedRoles {
  readonly resources: Resources;
  /** A sentence for each role whose names are granted by their beginning. */
  readonly notes: readonly string[];
  /** A sentence for each role that does not fit, whatever is done. */
  readonly problems: readonly string[];
}

interface FittedRole {
  readonly resources: Resources;
  readonly note?: string;
  readonly problem?: string;
}

/**
 * Puts the policies of a role that are too large into managed policies, as many as it needs. Names that take more room
 * than those have are granted by their common beginning.
 */
export function fitRoles(resources: Resources): FittedRoles {
  const fitted = Object.entries(resources).map(
    ([id, resource]): FittedRole =>
      resource.Type === "AWS::IAM::Role"
        ? fitRole(id, resource, resources)
        : { resources: { [id]: resource } },
  );
  return {
    resources: Object.assign({}, ...fitted.map((one) => one.resources)),
    notes: fitted.flatMap(({ note }) => note ?? []),
    problems: fitted.flatMap(({ problem }) => problem ?? []),
  };
}

function fitRole(id: string, role: Resource, resources: Resources): FittedRole {
  const { Policies = [], ...others } = Object(role.Properties);
  const documents: readonly unknown[] = Policies.map((policy: object) =>
    Reflect.get(policy, "PolicyDocument"),
  );
  const size = documents.reduce((sum: number, document) => sum + policySize(document, resources), 0);
  if (size <= INLINE_POLICIES_SIZE) return { resources: { [id]: role } };
  const statements: readonly Statement[] = documents.flatMap((document) =>
    Reflect.get(Object(document), "Statement"),
  );
  const exact = packed(statements, resources);
  const parts = exact.length <= MANAGED_POLICIES ? exact : groupedParts(statements, resources);
  if (parts.length > MANAGED_POLICIES) {
    const problem = `${id}: its permissions take ${parts.length} managed policies, expected at most ${MANAGED_POLICIES}. Give the names that the config manages a common beginning, or use a pattern`;
    return { resources: { [id]: role }, problem };
  }
  const policies = parts.map((Statement, at): [string, Resource] => [
    `${id}Policy${at + 1}`,
    { Type: "AWS::IAM::ManagedPolicy", Properties: { PolicyDocument: { Version: "2012-10-17", Statement } } },
  ]);
  const fitted = { ...others, ManagedPolicyArns: policies.map(([policyId]) => ref(policyId)) };
  return {
    resources: { ...Object.fromEntries(policies), [id]: { ...role, Properties: fitted } },
    ...(parts !== exact && { note: noteOn(id, parts.flat()) }),
  };
}

/** The lists of names get less room until all fits. */
function groupedParts(statements: readonly Statement[], resources: Resources): readonly Statement[][] {
  const room = MANAGED_POLICIES * MANAGED_POLICY_SIZE;
  for (let share = 0.9; share > 0.1; share -= 0.1) {
    const lists = statements.map((statement) => namesOf(statement));
    const all = lists.reduce((sum, names) => sum + names.join("").length, 0);
    const grouped = statements.map((statement, at) => {
      const names = lists[at] ?? [];
      if (names.length < 2) return statement;
      // The ARNs stand here with their placeholders, which are about as long as what they stand for.
      const most = share * room * (names.join("").length / all);
      return { ...statement, Resource: groupByPrefix(names, most).map((text) => ({ "Fn::Sub": text })) };
    });
    const parts = packed(grouped, resources);
    if (parts.length <= MANAGED_POLICIES) return parts;
  }
  return packed(statements, resources);
}

/** The texts of the ARNs a statement names, where all of them are of one form. */
function namesOf({ Resource: on }: Statement): readonly string[] {
  const texts = [on].flat().map((one) => Reflect.get(Object(one), "Fn::Sub"));
  return texts.every((text) => typeof text === "string") ? texts : [];
}

/** The statements in as few policies as they need, in their order; a long list of names is cut. */
function packed(statements: readonly Statement[], resources: Resources): Statement[][] {
  const parts: Statement[][] = [];
  let part: Statement[] = [];
  const fits = (more: Statement) =>
    policySize({ Version: "2012-10-17", Statement: [...part, more] }, resources) <= MANAGED_POLICY_SIZE;
  const close = () => {
    if (part.length > 0) parts.push(part);
    part = [];
  };
  for (const statement of statements) {
    if (fits(statement)) {
      part.push(statement);
      continue;
    }
    const names: unknown[] = [statement.Resource].flat();
    while (names.length > 0) {
      const count = mostThatFit(names, (some) => fits({ ...statement, Resource: some }));
      if (count > 0) part.push({ ...statement, Resource: names.splice(0, count) });
      if (names.length > 0) close();
      if (count === 0 && part.length === 0 && !fits({ ...statement, Resource: names.slice(0, 1) })) {
        // One name alone is larger than a policy: no AWS name is.
        throw new Error(`A statement of ${String(statement.Sid)} fits in no policy.`);
      }
    }
  }
  close();
  return parts;
}

/** The most of a list's first entries that fit, by halves. */
function mostThatFit(names: readonly unknown[], fits: (some: readonly unknown[]) => boolean): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(names.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function noteOn(id: string, statements: readonly Statement[]): string {
  const grouped = statements.flatMap(namesOf).filter((text) => text.endsWith("*"));
  const names = grouped.map((text) => text.replace(/^.*[:}]/, ""));
  return `${id}: too many names for IAM's quotas, so that ${grouped.length} groups of them are granted by their beginning, for example ${names.slice(0, 3).join(", ")}`;
}
