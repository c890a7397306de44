import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import * as z from "zod/mini";

/** As far as this looks at a function's file. */
const declared = z.looseObject({
  handler: z.string(),
  name: z.string(),
  timeout: z.int(),
  memorySize: z.int(),
});

export interface FunctionLimits {
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** What `functions/*​/*.yml` give each function, by its name without `reflex-<stage>-`. */
export function functionLimits(root: string): ReadonlyMap<string, FunctionLimits> {
  const folder = join(root, "functions");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".yml"),
  );
  return new Map(
    files.flatMap((file) => {
      const parsed = z.safeParse(declared, documentIn(join(folder, file)));
      if (!parsed.success) return [];
      const { name, timeout, memorySize } = parsed.data;
      return [
        [name.replace(/^reflex-\$\{sls:stage\}-/, ""), { timeoutMs: timeout * 1000, memoryMb: memorySize }],
      ];
    }),
  );
}

/** Undefined for a file with CloudFormation's tags: it declares resources, and no function. */
function documentIn(file: string): unknown {
  const text = readFileSync(file, "utf8");
  return text.startsWith("handler:") ? load(text) : undefined;
}
