import { Expected } from "./literals.ts";

/** Steps from the document's root: keys of objects and indexes of lists. */
export type JsonPath = readonly (string | number)[];

const STEP =
  /^(?:\.(?<key>[\p{L}\p{N}_][\p{L}\p{N}_-]*)|\[(?<index>\d+)\]|\[(?<quoted>"(?:[^"\\]|\\.)*")\]|\['(?<plain>[^'\\]*)'\])/u;

/** Reads a path from the beginning of `text`: `$.items[0].name`, `$.items.0.name`, `$["a b"]`, `$['a b']`; gives what stands behind it too. */
export function readJsonPath(text: string): { path: JsonPath; rest: string } {
  if (!text.startsWith("$")) throw new Expected("a path such as $.status or $.items[0].name");
  const path: (string | number)[] = [];
  let rest = text.slice(1);
  for (let step = STEP.exec(rest); step; step = STEP.exec(rest)) {
    const { key, index, quoted, plain } = step.groups ?? {};
    path.push(key ?? plain ?? (index === undefined ? String(JSON.parse(quoted ?? '""')) : Number(index)));
    rest = rest.slice(step[0].length);
  }
  if (rest !== "" && !/^[\s=!<>]/.test(rest))
    throw new Expected("a path such as $.status or $.items[0].name");
  return { path, rest: rest.trim() };
}

/** The value at `path`, or undefined when there is none. */
export function valueAt(document: unknown, path: JsonPath): unknown {
  let at = document;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = Reflect.get(at, step);
  }
  return at;
}
