import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import type { BusEvent, Deliveries } from "../deliveries.ts";
import { type CreatedResource, DEFAULT_REGION, type Properties, type Service } from "../service.ts";
import { answer } from "../wire/answer.ts";
import { parse } from "../wire/parse.ts";
import { createBuses } from "./buses.ts";
import { putEventsOperation, ruleOperations, ruleSchema } from "./operations.ts";
import { createRules, type Rules } from "./rules.ts";
import { targetSchema } from "./target.ts";

export interface EventsDependencies {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  /** The default region where absent. */
  readonly region?: string;
}

export interface Events extends Service {
  readonly rules: Rules;
  /** Puts an event on the default bus: the receiver of `Deliveries.toBus`. */
  put(event: BusEvent): Promise<void>;
  /** What was put on a bus other than the default one, oldest first: such a bus has no rules here. */
  onBus(name: string): readonly BusEvent[];
}

/**
 * EventBridge's default event bus: rules by pattern and by schedule, by AWS JSON 1.1. Any other bus takes events and
 * keeps them.
 */
export function createEvents({ clock, deliveries, region = DEFAULT_REGION }: EventsDependencies): Events {
  const rules = createRules({ clock, deliveries, region });
  const buses = createBuses(region);
  const put = (event: BusEvent, bus: string | undefined) => {
    if (bus === undefined || bus.split("/").at(-1) === "default") clock.background(() => rules.route(event));
    else buses.put(event, bus);
  };
  const service = {
    name: "EventBridge",
    operations: {
      ...ruleOperations(rules),
      PutEvents: putEventsOperation(clock, region, put),
      ...buses.operations,
    },
    xmlNamespace: "http://events.amazonaws.com/doc/2015-10-07/",
  };
  return {
    signingNames: ["events"],
    resources: {
      "AWS::Events::Rule": async (logicalId, properties) => createRule(rules, logicalId, properties),
    },
    handle: (request) => answer(service, request),
    stop: async () => rules.stop(),
    rules,
    put: rules.route,
    onBus: buses.onBus,
  };
}

/** As PutRule and PutTargets in one, but for the pattern, which a template gives as an object. */
const resourceSchema = z.extend(ruleSchema, {
  EventPattern: z.optional(z.unknown()),
  Targets: z._default(z.array(targetSchema), []),
});

function createRule(rules: Rules, logicalId: string, properties: Properties): CreatedResource {
  const { EventPattern, Targets, ...rule } = parse(resourceSchema, { Name: logicalId, ...properties });
  const pattern = EventPattern === undefined ? undefined : JSON.stringify(EventPattern);
  const { arn } = rules.put({ ...rule, EventPattern: pattern });
  rules.putTargets(rule.Name, Targets);
  const notSimulated = Targets.filter(
    ({ RetryPolicy, DeadLetterConfig }) => RetryPolicy || DeadLetterConfig,
  ).map(({ Arn }) => `EventBridge's own retries and dead-letter queue for ${Arn} (rule ${rule.Name}).`);
  return {
    ref: rule.Name,
    attributes: { Arn: arn },
    notSimulated,
    update: async (changed) => {
      // PutTargets only adds: those the template no longer has would stay.
      rules.get(rule.Name).targets.clear();
      return createRule(rules, logicalId, changed);
    },
    remove: async () => {
      rules.get(rule.Name).targets.clear();
      rules.delete(rule.Name);
    },
  };
}
