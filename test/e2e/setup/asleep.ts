import * as z from "zod/mini";

/** By type, what keeps a resource from waking a function. */
const ASLEEP: Readonly<Record<string, object>> = {
  "AWS::Events::Rule": { State: "DISABLED" },
  "AWS::Lambda::EventSourceMapping": { Enabled: false },
};

/** How the nested stacks of the event-source mappings begin. */
const LANDED_STREAMS = "LandedStreams";

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

/** The packaged template without the event-source mappings, which poll their streams each second of the sandbox's clock. */
export function withoutMappings(template: string): string {
  return without(template, (logicalId) => logicalId.startsWith(LANDED_STREAMS));
}

/**
 * The packaged template without Kinesis, whose server takes a second of a core to start: for tests of functions that
 * read no stream.
 */
export function withoutStreams(template: string): string {
  return without(withoutMappings(template), (_logicalId, type) => type === "AWS::Kinesis::Stream");
}

/** No other resource refers to what is left out. */
function without(template: string, isLeftOut: (logicalId: string, type: string) => boolean): string {
  const { Resources, ...rest } = someTemplate.parse(JSON.parse(template));
  const kept = Object.entries(Resources).filter(([logicalId, { Type }]) => !isLeftOut(logicalId, Type));
  return JSON.stringify({ ...rest, Resources: Object.fromEntries(kept) });
}
