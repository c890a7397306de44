import type { SecretRef } from "./secret-ref.ts";

/**
 * What stands for `<parameter of …>` and `<secret of …>` in an automation's permissions.
 *
 * @param of whose they are, as the permissions name it: `a site`
 */
export function secretPlaceholders(of: string, refs: readonly SecretRef[]): Record<string, string[]> {
  return {
    [`parameter of ${of}`]: refs.flatMap((ref) => ("ssm" in ref ? [ref.ssm.replace(/^\//, "")] : [])),
    [`secret of ${of}`]: refs.flatMap((ref) => ("secret" in ref ? [ref.secret] : [])),
  };
}
