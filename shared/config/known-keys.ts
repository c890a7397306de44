import type * as z from "zod/mini";

/** The keys that an object at `path` below `schema` may have; none where any key may stand. */
export function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  return [...new Set(schemasAt([schema], path).flatMap(keysOf))];
}

function schemasAt(schemas: readonly z.core.$ZodType[], path: readonly PropertyKey[]): z.core.$ZodType[] {
  const open = schemas.flatMap(unwrapped);
  const [key, ...rest] = path;
  return key === undefined
    ? open
    : schemasAt(
        open.flatMap((one) => childOf(one, key)),
        rest,
      );
}

function keysOf(schema: z.core.$ZodType): string[] {
  const { def } = schema._zod as z.core.$ZodTypes["_zod"];
  return def.type === "object" ? Object.keys(def.shape) : [];
}

function childOf(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  const { def } = schema._zod as z.core.$ZodTypes["_zod"];
  switch (def.type) {
    case "object":
      return [def.shape[String(key)] ?? []].flat();
    case "record":
      return [def.valueType];
    case "array":
      return [def.element];
    default:
      return [];
  }
}

/** What stands behind defaults, optionals, pipes and unions. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { def } = schema._zod as z.core.$ZodTypes["_zod"];
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "readonly":
    case "catch":
    case "nonoptional":
      return unwrapped(def.innerType);
    case "pipe":
      // A list of keys stands on the one side, on the other what is done with its values.
      return def.in._zod.def.type === "transform" ? unwrapped(def.out) : unwrapped(def.in);
    case "lazy":
      return unwrapped(def.getter());
    case "union":
      return def.options.flatMap(unwrapped);
    case "intersection":
      return [...unwrapped(def.left), ...unwrapped(def.right)];
    default:
      return [schema];
  }
}
