/**
 * The function's name in any form a caller may name it by: `name`, `name:qualifier`, its ARN, its ARN with a
 * qualifier.
 */
export function functionNameIn(nameOrArn: string): string {
  return nameOrArn.replace(/^.*:function:/, "").split(":")[0] ?? "";
}
