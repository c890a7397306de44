import type * as z from "zod/mini";

/** Which parts of a JSON value are kept: all of it, or these members of an object or of each object of an array. */
export type Kept = "all" | KeptMembers;

/** Members by the length of their key in bytes: most keys differ by that alone. */
export type KeptMembers = readonly (readonly KeptMember[] | undefined)[];

export interface KeptMember {
  /** The key as it stands between the quotes. */
  readonly key: Uint8Array;
  readonly kept: Kept;
}

/** What a shape reads of a value; the rest need not be parsed. */
export function keptOf(shape: z.core.$ZodType): Kept {
  const { def } = (shape as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      // An object that takes further keys takes them all.
      return def.catchall ? "all" : membersOf(def.shape);
    case "array":
      return keptOf(def.element);
    case "optional":
    case "nullable":
    case "default":
      return keptOf(def.innerType);
    case "pipe":
      return keptOf(def.in);
    default:
      return "all";
  }
}

function membersOf(shape: Readonly<Record<string, z.core.$ZodType>>): KeptMembers {
  const byLength: KeptMember[][] = [];
  for (const [name, of] of Object.entries(shape)) {
    const key = Buffer.from(name);
    byLength[key.length] = [...(byLength[key.length] ?? []), { key, kept: keptOf(of) }];
  }
  return byLength;
}
