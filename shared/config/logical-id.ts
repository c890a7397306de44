import { createHash } from "node:crypto";

/**
 * A part of a CloudFormation logical id for a name of the config: its letters and digits, and a hash of all of
 * it, since `a.b` and `a-b` are two resources.
 */
export function logicalId(name: string): string {
  const words = name.split(/[^a-zA-Z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join("") + createHash("sha256").update(name).digest("hex").slice(0, 6);
}
