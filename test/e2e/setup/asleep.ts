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
 * The packaged template with only some functions awake: the others cost a test no time.
 * @param awake what the logical ids of those functions' own begin with, as `ReshardDashstreams`
 */
export function withOthersAsleep(template: string, ...awake: string[]): string {
  const { Resources, ...rest } = someTemplate.parse(JSON.parse(template));
  const changed = Object.entries(Resources).map(([logicalId, { Properties, ...resource }]) => {
    const asleep = awake.some((own) => logicalId.startsWith(own)) ? {} : ASLEEP[resource.Type];
    return [logicalId, { ...resource, Properties: { ...Properties, ...asleep } }];
  });
  return JSON.stringify({ ...rest, Resources: Object.fromEntries(changed) });
}
