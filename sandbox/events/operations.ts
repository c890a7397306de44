import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import type { BusEvent } from "../deliveries.ts";
import type { Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { page } from "../wire/page.ts";
import { parse as parseWith } from "../wire/parse.ts";
import { integer, list, timestamp } from "../wire/scalars.ts";
import { createEvent } from "./event.ts";
import { patternOf } from "./pattern.ts";
import type { Rule, Rules } from "./rules.ts";
import { targetSchema } from "./target.ts";

const PAGE_SIZE = 100;

const text = z.string();
const optionalText = z.optional(text);

/** Rules are on the default bus only. */
const bus = z.optional(
  text.check(
    z.refine((name) => name === "default" || name.endsWith(":event-bus/default"), {
      error: "the sandbox has the default event bus only",
    }),
  ),
);

export const ruleSchema = z.object({
  Name: text.check(z.regex(/^[.\w-]{1,64}$/, { error: "expected 1 to 64 letters, digits, ., - and _" })),
  Description: optionalText,
  ScheduleExpression: optionalText,
  EventPattern: optionalText,
  State: z._default(z.enum(["ENABLED", "DISABLED"]), "ENABLED"),
  EventBusName: bus,
});

const nameInput = z.object({ Name: text, EventBusName: bus });
const pageInput = { NextToken: optionalText, Limit: z._default(integer, PAGE_SIZE), EventBusName: bus };
const listInput = z.object({ NamePrefix: z._default(text, ""), ...pageInput });
const targetsInput = z.object({ Rule: text, EventBusName: bus, Targets: list(targetSchema) });
const removeInput = z.object({ Rule: text, EventBusName: bus, Ids: list(text) });
const ofRuleInput = z.object({ Rule: text, ...pageInput });
const ofTargetInput = z.object({ TargetArn: text, ...pageInput });
const testInput = z.object({ EventPattern: text, Event: text });

function parse<Schema extends z.core.$ZodType>(schema: Schema, input: unknown): z.core.output<Schema> {
  return parseWith(schema, input, "ValidationException");
}

export function ruleOperations(rules: Rules): Record<string, Operation> {
  return {
    PutRule: (input) => ({ RuleArn: rules.put(parse(ruleSchema, input)).arn }),
    DescribeRule: (input) => describe(rules.get(parse(nameInput, input).Name)),
    DeleteRule: (input) => rules.delete(parse(nameInput, input).Name),
    EnableRule: (input) => rules.setState(parse(nameInput, input).Name, "ENABLED"),
    DisableRule: (input) => rules.setState(parse(nameInput, input).Name, "DISABLED"),
    ListRules: (input) => {
      const { NamePrefix, NextToken, Limit } = parse(listInput, input);
      const found = rules.list().filter(({ configuration }) => configuration.Name.startsWith(NamePrefix));
      const { items, nextToken } = page(found, NextToken, Limit);
      return { Rules: items.map(describe), NextToken: nextToken };
    },
    PutTargets: (input) => {
      const { Rule, Targets } = parse(targetsInput, input);
      rules.putTargets(Rule, Targets);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets: (input) => {
      const { Rule, Ids } = parse(removeInput, input);
      const { targets } = rules.get(Rule);
      for (const id of Ids) targets.delete(id);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    ListTargetsByRule: (input) => {
      const { Rule, NextToken, Limit } = parse(ofRuleInput, input);
      const { items, nextToken } = page([...rules.get(Rule).targets.values()], NextToken, Limit);
      return { Targets: items, NextToken: nextToken };
    },
    ListRuleNamesByTarget: (input) => {
      const { TargetArn, NextToken, Limit } = parse(ofTargetInput, input);
      const found = rules
        .list()
        .filter(({ targets }) => [...targets.values()].some(({ Arn }) => Arn === TargetArn));
      const { items, nextToken } = page(found, NextToken, Limit);
      return { RuleNames: items.map(({ configuration }) => configuration.Name), NextToken: nextToken };
    },
    TestEventPattern: (input) => {
      const { EventPattern, Event } = parse(testInput, input);
      return { Result: patternOf(json("EventPattern", EventPattern))(json("Event", Event)) };
    },
  };
}

function describe({ arn, configuration }: Rule) {
  return { ...configuration, Arn: arn, EventBusName: "default" };
}

function json(place: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new AwsError("ValidationException", `${place} is no JSON: ${String(error)}`);
  }
}

const entriesInput = z.object({
  Entries: list(
    z.object({
      Source: optionalText,
      DetailType: optionalText,
      Detail: optionalText,
      Time: z.optional(timestamp),
      Resources: z._default(list(text), []),
      EventBusName: optionalText,
    }),
  ).check(z.minLength(1), z.maxLength(10)),
});

type Entry = z.infer<typeof entriesInput>["Entries"][number];

/**
 * PutEvents: each entry is taken or refused on its own.
 *
 * @param put puts an event on the bus of that name or ARN, the default one where none is named
 */
export function putEventsOperation(
  clock: SandboxClock,
  region: string,
  put: (event: BusEvent, bus: string | undefined) => void,
) {
  return (input: unknown) => {
    const Entries = parse(entriesInput, input).Entries.map((entry) => {
      const event = eventOf(entry);
      if ("ErrorCode" in event) return event;
      put(event, entry.EventBusName);
      return { EventId: event.id };
    });
    return { FailedEntryCount: Entries.filter((entry) => "ErrorCode" in entry).length, Entries };
  };

  function eventOf({ Source, DetailType, Detail, Time, Resources }: Entry) {
    if (Source === undefined || DetailType === undefined || Detail === undefined) {
      return failed("InvalidArgument", "Source, DetailType and Detail are needed.");
    }
    if (Source.startsWith("aws.")) {
      return failed(
        "NotAuthorizedForSourceException",
        `Not authorized for the source ${Source}: aws. is AWS's own.`,
      );
    }
    const detail = detailOf(Detail);
    if (detail === undefined)
      return failed("MalformedDetail", "Detail is malformed: expected a JSON object.");
    const at = Time ?? clock.now();
    return createEvent({ source: Source, detailType: DetailType, region, at, resources: Resources, detail });
  }
}

function failed(ErrorCode: string, ErrorMessage: string) {
  return { ErrorCode, ErrorMessage };
}

function detailOf(text: string): object | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}
