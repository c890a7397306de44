/**
 * CloudFormation's intrinsic functions, as far as a packaged template uses them. Each is resolved against
 * the resources created so far.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { ACCOUNT_ID, type CreatedResource } from "../service.ts";
import type { Template } from "./template.ts";

export interface Scope {
  readonly template: Template;
  readonly stackName: string;
  readonly region: string;
  /** By logical id. */
  readonly created: ReadonlyMap<string, CreatedResource>;
  /** Values for the template's parameters, before their defaults. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** `AWS::NoValue`: the property or list item is left out. */
const NO_VALUE = Symbol("AWS::NoValue");

/** Replaces every intrinsic function in a value. `where` names the place in errors. */
export function resolve(value: unknown, scope: Scope, where: string): unknown {
  const resolved = evaluate(value, scope, where);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** @throws {Error} for a condition the template does not have */
export function conditionHolds(name: string, scope: Scope): boolean {
  const condition = scope.template.Conditions?.[name];
  if (condition === undefined) throw new Error(`The template has no condition "${name}".`);
  return evaluate(condition, scope, `Conditions.${name}`) === true;
}

/** Every logical id a value refers to, whether or not a condition will leave it out. */
export function references(value: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  collect(value, found);
  return found;
}

function evaluate(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item, i) => evaluate(item, scope, `${where}[${i}]`))
      .filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only) {
    const [name, argument] = only;
    if (name === "Ref" || name === "Condition" || name.startsWith("Fn::")) {
      const intrinsic = INTRINSICS[name];
      if (intrinsic) return intrinsic(argument, scope, where);
      // `Condition` is also the name of a plain property, in an IAM statement for example.
      if (name !== "Condition" || typeof argument === "string") throw unknownIntrinsic(name, where);
    }
  }
  const resolved: [string, unknown][] = [];
  for (const [key, inner] of entries) {
    const result = evaluate(inner, scope, `${where}.${key}`);
    if (result !== NO_VALUE) resolved.push([key, result]);
  }
  return Object.fromEntries(resolved);
}

type Intrinsic = (argument: unknown, scope: Scope, where: string) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope, where) => ref(text(argument, where), scope, where),
  "Fn::GetAtt": (argument, scope, where) => {
    const [id = "", ...path] = Array.isArray(argument)
      ? argument.map(String)
      : text(argument, where).split(".");
    return attribute(id, path.join("."), scope, where);
  },
  "Fn::Sub": (argument, scope, where) => {
    const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = Object.entries(typeof variables === "object" && variables !== null ? variables : {});
    const values = new Map(own.map(([name, value]) => [name, String(evaluate(value, scope, where))]));
    return text(pattern, where).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      if (name.startsWith("!")) return `\${${name.slice(1)}}`;
      return values.get(name) ?? String(named(name, scope, where));
    });
  },
  "Fn::Join": (argument, scope, where) => {
    const [separator, items] = list(argument, scope, where);
    return list(items, scope, where).map(String).join(String(separator));
  },
  "Fn::Select": (argument, scope, where) => {
    const [index, items] = list(argument, scope, where);
    const chosen = list(items, scope, where)[Number(index)];
    if (chosen === undefined) throw new Error(`${where}: Fn::Select ${index} is outside of the list.`);
    return chosen;
  },
  "Fn::Split": (argument, scope, where) => {
    const [separator, whole] = list(argument, scope, where);
    return String(whole).split(String(separator));
  },
  "Fn::FindInMap": (argument, scope, where) => {
    const [map = "", first = "", second = ""] = list(argument, scope, where).map(String);
    const found = scope.template.Mappings?.[map]?.[first]?.[second];
    if (found === undefined)
      throw new Error(`${where}: the mapping ${map}.${first}.${second} does not exist.`);
    return found;
  },
  "Fn::Base64": (argument, scope, where) =>
    Buffer.from(String(evaluate(argument, scope, where))).toString("base64"),
  "Fn::If": (argument, scope, where) => {
    const [name, whenTrue, whenFalse] = Array.isArray(argument) ? argument : [];
    return evaluate(conditionHolds(text(name, where), scope) ? whenTrue : whenFalse, scope, where);
  },
  "Fn::Equals": (argument, scope, where) => {
    const [left, right] = list(argument, scope, where);
    return String(left) === String(right);
  },
  "Fn::Not": (argument, scope, where) => list(argument, scope, where)[0] !== true,
  "Fn::And": (argument, scope, where) => list(argument, scope, where).every((item) => item === true),
  "Fn::Or": (argument, scope, where) => list(argument, scope, where).some((item) => item === true),
  Condition: (argument, scope, where) =>
    typeof argument === "string"
      ? conditionHolds(argument, scope)
      : { Condition: evaluate(argument, scope, where) },
};

/** A name inside `${}`: a resource, a parameter, or `Resource.Attribute`. */
function named(name: string, scope: Scope, where: string): unknown {
  const [id = "", ...path] = name.split(".");
  return path.length > 0 ? attribute(id, path.join("."), scope, where) : ref(name, scope, where);
}

function ref(name: string, scope: Scope, where: string): unknown {
  const pseudo = pseudoParameter(name, scope);
  if (pseudo !== undefined) return pseudo;
  const created = scope.created.get(name);
  if (created) return created.ref;
  const given = scope.parameters[name] ?? scope.template.Parameters?.[name]?.Default;
  if (given !== undefined) return given;
  throw new Error(`${where} refers to ${name}, which does not exist in the sandbox.`);
}

function attribute(id: string, name: string, scope: Scope, where: string): string {
  const value = scope.created.get(id)?.attributes?.[name];
  if (value !== undefined) return value;
  throw new Error(`${where} refers to the attribute ${id}.${name}, which does not exist in the sandbox.`);
}

function pseudoParameter(name: string, scope: Scope): unknown {
  switch (name) {
    case "AWS::AccountId":
      return ACCOUNT_ID;
    case "AWS::Region":
      return scope.region;
    case "AWS::Partition":
      return "aws";
    case "AWS::URLSuffix":
      return "amazonaws.com";
    case "AWS::StackName":
      return scope.stackName;
    case "AWS::StackId":
      return `arn:aws:cloudformation:${scope.region}:${ACCOUNT_ID}:stack/${scope.stackName}/sandbox`;
    case "AWS::NotificationARNs":
      return [];
    case "AWS::NoValue":
      return NO_VALUE;
    default:
      return undefined;
  }
}

function list(value: unknown, scope: Scope, where: string): unknown[] {
  const resolved = evaluate(value, scope, where);
  if (Array.isArray(resolved)) return resolved;
  throw new Error(`${where}: found ${JSON.stringify(resolved)}, expected a list.`);
}

function text(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw new Error(`${where}: found ${JSON.stringify(value)}, expected text.`);
}

function unknownIntrinsic(name: string, where: string): Error {
  return new Error(`${where}: the sandbox does not know the intrinsic function ${name}.`);
}

function collect(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "Ref" && typeof inner === "string") found.add(inner);
    else if (key === "Fn::GetAtt")
      found.add(String(Array.isArray(inner) ? inner[0] : inner).split(".")[0] ?? "");
    else if (key === "Fn::Sub") for (const name of substituted(inner)) found.add(name);
    collect(inner, found);
  }
}

/** The resources in a `Fn::Sub`, without its own variables. */
function substituted(argument: unknown): string[] {
  const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own = new Set(Object.keys(typeof variables === "object" && variables !== null ? variables : {}));
  const names = [...String(pattern).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = ""]) => name);
  return names.filter((name) => !own.has(name)).map((name) => name.split(".")[0] ?? "");
}
