import * as z from "zod/mini";

/** Where a secret is kept: it never stands in the config itself. */
export const reference = z.union(
  [
    /** The name of an SSM parameter. */
    z.strictObject({ ssm: z.string().check(z.minLength(1)) }),
    /** The name or ARN of a Secrets Manager secret; `key` picks one value of a secret that is a JSON object. */
    z.strictObject({ secret: z.string().check(z.minLength(1)), key: z.optional(z.string()) }),
  ],
  { error: "a reference: { ssm: /name }, { secret: name } or { secret: name, key: name }" },
);
export type SecretRef = z.output<typeof reference>;

export function isSecretRef(value: string | SecretRef): value is SecretRef {
  return typeof value !== "string";
}

/** The same for the same secret. */
export function refKey(ref: SecretRef): string {
  return "ssm" in ref ? `ssm ${ref.ssm}` : `secret ${ref.secret} ${ref.key ?? ""}`;
}
