import * as z from "zod/mini";

/** By type, what keeps a resource from waking a function. */
const ASLEEP: Readonly<Record<string, object>> = {
  "AWS::Events::Rule": { State: "DISABLED" },
  "AWS::Lambda::EventSourceMapping": { Enabled: false },
};

const someTemplate = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.optional(z.looseObject({})) }),
  ),
});

/**
 * A template in which nothing wakes a function by itself, so that the others cost a test no time and do not get
 * into its way.
 *
 * @param template JSON
 * @param isAwake which rules and mappings stay as they are, by their logical id
 */
export function asleep(template: string, isAwake: (logicalId: string) => boolean = () => false): string {
  const { Resources, ...rest } = someTemplate.parse(JSON.parse(template));
  const changed = Object.entries(Resources).map(([logicalId, { Properties, ...resource }]) => {
    const change = isAwake(logicalId) ? {} : ASLEEP[resource.Type];
    return [logicalId, { ...resource, Properties: { ...Properties, ...change } }];
  });
  return JSON.stringify({ ...rest, Resources: Object.fromEntries(changed) });
}
