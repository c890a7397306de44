import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { NESTED_IN } from "../../../shared/cloudformation/nested-stack.ts";
import type { Resource } from "../../../shared/cloudformation/resource.ts";
import { withTags } from "../tags.ts";
import type { Target } from "../target.ts";
import { withParameters } from "./parameters.ts";

type Resources = Readonly<Record<string, Resource>>;

/** A stack below the service's own. */
export interface NestedStack {
  /** Of its resource in the service's stack. */
  readonly logicalId: string;
  readonly template: { readonly Resources: Resources; readonly Parameters?: Resources };
  /** The template as it is uploaded. */
  readonly text: string;
  /** Of its content, so that an older deploy that is gone back to finds its own. */
  readonly fileName: string;
}

export interface Nesting {
  /** What stays in the service's own stack, with the nested stacks. */
  readonly resources: Resources;
  readonly nested: readonly NestedStack[];
}

/** As serverless names the bucket of the stack that packages are uploaded to. */
const BUCKET = "ServerlessDeploymentBucket";

/**
 * The key of a template in the deployment bucket. It begins with what serverless removes with the service, and is in no
 * folder of one deploy, which it would remove after the fifth.
 */
export const templateKey = (stage: string, fileName: string): string =>
  `serverless/reflex/${stage}/templates/${fileName}`;

const Marked = z.looseObject({
  Metadata: z.looseObject({ [NESTED_IN]: z.object({ name: z.string(), count: z.int() }) }),
});

/**
 * Moves what is marked (shared/cloudformation/nested-stack.ts) into nested stacks. What it refers to in the service's
 * stack is handed over as parameters.
 *
 * @throws {Error} where something that stays refers to something that is moved
 */
export function nestStacks(resources: Resources, target: Pick<Target, "stage" | "account">): Nesting {
  const stackOf = new Map(
    Object.entries(resources).flatMap(([id, resource]) => {
      const marked = z.safeParse(Marked, resource);
      return marked.success ? [[id, stackFor(id, marked.data.Metadata[NESTED_IN])] as const] : [];
    }),
  );
  const kept = Object.entries(resources).filter(([id]) => !stackOf.has(id));
  refuseReferences(kept, stackOf);
  const names = [...new Set(stackOf.values())].toSorted(byNumber);
  const made = names.map((name, at) => {
    const members = Object.entries(resources).filter(([id]) => stackOf.get(id) === name);
    return nestedStack(name, Object.fromEntries(members), target, previousOf(name, names[at - 1]));
  });
  return {
    resources: Object.fromEntries([
      ...kept,
      ...made.map(({ stack, resource }) => [stack.logicalId, resource]),
    ]),
    nested: made.map(({ stack }) => stack),
  };
}

/** One of the kind, by the logical id alone. */
function stackFor(
  logicalId: string,
  { name, count }: { readonly name: string; readonly count: number },
): string {
  if (count === 1) return name;
  const hash = createHash("sha256").update(logicalId).digest().readUInt32BE();
  return `${name}${1 + (hash % count)}`;
}

const byNumber = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

/**
 * Stacks of one kind are made one after the other: hundreds of calls of one API at once are throttled longer than
 * CloudFormation tries again.
 */
function previousOf(name: string, before: string | undefined): readonly string[] {
  const kind = name.replace(/\d+$/, "");
  return before !== undefined && before.replace(/\d+$/, "") === kind ? [before] : [];
}

function nestedStack(
  logicalId: string,
  members: Resources,
  { stage, account }: Pick<Target, "stage" | "account">,
  after: readonly string[],
): { readonly stack: NestedStack; readonly resource: Resource } {
  const { resources, parameters, dependsOn } = withParameters(unmarked(members));
  const names = Object.keys(parameters);
  const template = {
    Description: `Part of reflex-${stage}: ${logicalId}`,
    ...(names.length > 0 && {
      Parameters: Object.fromEntries(names.map((name) => [name, { Type: "String" }])),
    }),
    Resources: resources,
  };
  const text = JSON.stringify(template);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const fileName = `${logicalId}-${hash}.json`;
  const url = `https://s3.\${AWS::Region}.\${AWS::URLSuffix}/\${${BUCKET}}/${templateKey(stage, fileName)}`;
  const waitsFor = [...dependsOn, ...after];
  const resource: Resource = {
    Type: "AWS::CloudFormation::Stack",
    ...(waitsFor.length > 0 && { DependsOn: waitsFor }),
    Properties: {
      TemplateURL: { "Fn::Sub": url },
      ...(names.length > 0 && { Parameters: parameters }),
    },
  };
  return {
    stack: { logicalId, template, text, fileName },
    resource: withTags(resource, account.tags),
  };
}

function unmarked(resources: Resources): Resources {
  return Object.fromEntries(
    Object.entries(resources).map(([id, { Metadata, ...resource }]) => {
      const { [NESTED_IN]: _, ...others } = Object(Metadata);
      return [id, Object.keys(others).length > 0 ? { ...resource, Metadata: others } : resource];
    }),
  );
}

function refuseReferences(
  kept: readonly (readonly [string, Resource])[],
  moved: ReadonlyMap<string, string>,
): void {
  for (const [id, resource] of kept) {
    const { parameters, dependsOn } = withParameters({ [id]: resource });
    const named = [...dependsOn, ...Object.values(parameters).map(targetOf)];
    const found = named.find((one) => moved.has(one));
    if (found !== undefined) {
      throw new Error(
        `${id} refers to ${found}, which is in the nested stack ${moved.get(found)}: it cannot.`,
      );
    }
  }
}

/** What a parameter's value refers to. */
function targetOf(value: Resource): string {
  const attribute = value["Fn::GetAtt"];
  return String(Array.isArray(attribute) ? attribute[0] : value.Ref);
}
