import * as z from "zod/mini";
import { RetryLater } from "../../lambda/errors.ts";

const named = z.object({ metadata: z.object({ name: z.string(), namespace: z.optional(z.string()) }) });

/**
 * The API server's answer as `shape`. Throws RetryLater that names the object, the place in it and what was
 * expected there: nothing is decided on an answer we could not read.
 */
export function readAs<T>(shape: z.ZodMiniType<T>, answer: unknown, kind: string): T {
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  const who = named.safeParse(answer);
  const { namespace, name } = who.success
    ? who.data.metadata
    : { namespace: undefined, name: "(without a name)" };
  const [issue] = parsed.error.issues;
  throw new RetryLater(
    `cluster's answer not understood: ${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}, ` +
      `${issue?.path.join(".") || "(top)"}: ${issue?.message ?? "unknown"}; nothing was done on it`,
    { cause: parsed.error },
  );
}
