import { isDeepStrictEqual } from "node:util";
import type { Resource } from "../../../shared/cloudformation/resource.ts";

type Resources = Readonly<Record<string, Resource>>;

/** Resources that can stand in a stack of their own. */
export interface Parametrised {
  readonly resources: Resources;
  /** By name, what the stack above hands over: a `Ref` or an `Fn::GetAtt`. */
  readonly parameters: Readonly<Record<string, Resource>>;
  /** What of the stack above they depend on beside that. */
  readonly dependsOn: readonly string[];
}

/** Another in each stack: a nested one is handed those of the stack above it. */
const OF_THE_STACK: ReadonlySet<string> = new Set(["AWS::StackName", "AWS::StackId"]);

/** The resources with parameters in the place of everything they refer to outside of them. */
export function withParameters(resources: Resources): Parametrised {
  const own = new Set(Object.keys(resources));
  const found = new Map<string, Resource>();
  const isOutside = (id: string) => OF_THE_STACK.has(id) || !(own.has(id) || id.startsWith("AWS::"));

  /** @param path the id, and the attribute where it is not a `Ref` */
  const parameter = (path: string): string => {
    const [id = "", ...attribute] = path.split(".");
    const name = path.replace(/[^A-Za-z0-9]/g, "");
    const value = attribute.length > 0 ? { "Fn::GetAtt": [id, attribute.join(".")] } : { Ref: id };
    if (!isDeepStrictEqual(found.get(name) ?? value, value))
      throw new Error(`Two parameters would be ${name}.`);
    found.set(name, value);
    return name;
  };

  const replaced = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== "object" || value === null) return value;
    const [[key, inner] = ["", undefined], ...others] = Object.entries(value);
    if (others.length === 0) {
      if (key === "Ref" && isOutside(String(inner))) return { Ref: parameter(String(inner)) };
      const attribute = [inner].flat().join(".");
      if (key === "Fn::GetAtt" && isOutside(attribute.split(".")[0] ?? ""))
        return { Ref: parameter(attribute) };
      if (key === "Fn::Sub") return { "Fn::Sub": substituted(inner) };
    }
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaced(one)]));
  };

  /** The text of an `Fn::Sub`, or the text with variables of its own. */
  const substituted = (argument: unknown): unknown => {
    const [text, variables] = [argument].flat();
    const ofItself = new Set(Object.keys(Object(variables)));
    const inStack = String(text).replace(/\$\{([^!}][^}]*)\}/g, (whole, path: string) =>
      !ofItself.has(path) && isOutside(path.split(".")[0] ?? "") ? `\${${parameter(path)}}` : whole,
    );
    return variables === undefined ? inStack : [inStack, replaced(variables)];
  };

  const dependsOn = new Set<string>();
  const rewritten = Object.entries(resources).map(([id, { DependsOn, ...resource }]) => {
    const named = [DependsOn ?? []].flat().map(String);
    for (const one of named) if (!own.has(one)) dependsOn.add(one);
    const kept = named.filter((one) => own.has(one));
    return [id, { ...Object(replaced(resource)), ...(kept.length > 0 && { DependsOn: kept }) }] as const;
  });
  return {
    resources: Object.fromEntries(rewritten),
    parameters: Object.fromEntries(found),
    dependsOn: [...dependsOn],
  };
}
