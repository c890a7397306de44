import type { Properties } from "./service.ts";

/**
 * One sentence for each property that has no effect in the sandbox: those known to have none, with the
 * reason, and those nobody here has thought of.
 *
 * @param simulated the properties that do what they do in AWS
 * @param without by property, what the sandbox does instead
 */
export function notSimulated(
  resource: string,
  properties: Properties,
  simulated: readonly string[],
  without: Readonly<Record<string, string>> = {},
): string[] {
  return Object.keys(properties)
    .filter((name) => !simulated.includes(name))
    .map((name) => `${resource}: ${name} is not simulated${without[name] ? ` (${without[name]})` : ""}.`);
}
