import type { Matches } from "../../shared/triggers/event-pattern.ts";
import type { SandboxClock } from "../clock/clock.ts";
import type { BusEvent, Deliveries } from "../deliveries.ts";
import { ACCOUNT_ID } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { createEvent } from "./event.ts";
import { patternOf } from "./pattern.ts";
import { parseSchedule } from "./schedule.ts";
import { checkTarget, deliver, type Target } from "./target.ts";

/** What PutRule is given. */
export interface RuleConfiguration {
  readonly Name: string;
  readonly Description?: string | undefined;
  readonly ScheduleExpression?: string | undefined;
  /** JSON. */
  readonly EventPattern?: string | undefined;
  readonly State: "ENABLED" | "DISABLED";
}

export interface Rule {
  readonly arn: string;
  configuration: RuleConfiguration;
  matches: Matches | undefined;
  readonly targets: Map<string, Target>;
  /** Takes back the timer of the next tick. */
  takeBack: () => void;
}

export interface Rules {
  /** Creates the rule, or overwrites all of it but its targets. */
  put(configuration: RuleConfiguration): Rule;
  /** @throws {AwsError} ResourceNotFoundException */
  get(name: string): Rule;
  list(): Rule[];
  /** @throws {AwsError} ValidationException while it has targets */
  delete(name: string): void;
  setState(name: string, state: RuleConfiguration["State"]): void;
  /** All of the targets, or none where one is refused. */
  putTargets(name: string, targets: readonly Target[]): void;
  /** Hands an event to the targets of every rule that matches; resolves when all are done. */
  route(event: BusEvent): Promise<void>;
  stop(): void;
}

/** EventBridge's limit of targets for a rule. */
const MOST_TARGETS = 5;

export interface RulesDependencies {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  readonly region: string;
}

/** The rules of the default event bus. */
export function createRules({ clock, deliveries, region }: RulesDependencies): Rules {
  const rules = new Map<string, Rule>();
  return { put, get, list, delete: remove, setState, putTargets, route, stop };

  function put(configuration: RuleConfiguration): Rule {
    const { Name: name, ScheduleExpression: schedule, EventPattern: pattern } = configuration;
    if (schedule === undefined && pattern === undefined) {
      throw new AwsError("ValidationException", `The rule ${name} needs ScheduleExpression or EventPattern.`);
    }
    if (schedule !== undefined) parseSchedule(schedule, clock.now());
    const matches = pattern === undefined ? undefined : patternOf(parsePattern(pattern));
    const arn = `arn:aws:events:${region}:${ACCOUNT_ID}:rule/${name}`;
    const rule = rules.get(name) ?? { arn, configuration, matches, targets: new Map(), takeBack: () => {} };
    rule.configuration = configuration;
    rule.matches = matches;
    rules.set(name, rule);
    start(rule);
    return rule;
  }

  function get(name: string): Rule {
    const rule = rules.get(name);
    if (!rule)
      throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    return rule;
  }

  function list(): Rule[] {
    return [...rules.values()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  function remove(name: string): void {
    const rule = rules.get(name);
    if (!rule) return;
    if (rule.targets.size > 0) {
      throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
    }
    rule.takeBack();
    rules.delete(name);
  }

  function setState(name: string, State: RuleConfiguration["State"]): void {
    const rule = get(name);
    rule.configuration = { ...rule.configuration, State };
    start(rule);
  }

  function putTargets(name: string, targets: readonly Target[]): void {
    const rule = get(name);
    targets.forEach(checkTarget);
    const ids = new Set([...rule.targets.keys(), ...targets.map(({ Id }) => Id)]);
    if (ids.size > MOST_TARGETS) {
      throw new AwsError(
        "LimitExceededException",
        `The rule ${name} would have over ${MOST_TARGETS} targets.`,
      );
    }
    for (const target of targets) rule.targets.set(target.Id, target);
  }

  /** Sets the timer of the rule's next tick, counting a rate from now. */
  function start(rule: Rule): void {
    rule.takeBack();
    const { ScheduleExpression, State } = rule.configuration;
    if (ScheduleExpression === undefined || State !== "ENABLED") return;
    const schedule = parseSchedule(ScheduleExpression, clock.now());
    tickAfter(clock.now());

    function tickAfter(time: number): void {
      const due = schedule.next(time);
      if (due === undefined) return;
      rule.takeBack = clock.at(due, async () => {
        tickAfter(due);
        await toTargets(rule, scheduledEvent(rule, due));
      });
    }
  }

  function scheduledEvent(rule: Rule, at: number): BusEvent {
    const resources = [rule.arn];
    return createEvent({
      source: "aws.events",
      detailType: "Scheduled Event",
      region,
      at,
      resources,
      detail: {},
    });
  }

  async function route(event: BusEvent): Promise<void> {
    const matching = list().filter((rule) => rule.configuration.State === "ENABLED" && rule.matches?.(event));
    await allOf(matching.map((rule) => toTargets(rule, event)));
  }

  async function toTargets(rule: Rule, event: BusEvent): Promise<void> {
    await allOf([...rule.targets.values()].map((target) => deliver(deliveries, target, event)));
  }

  function stop(): void {
    for (const rule of rules.values()) rule.takeBack();
  }
}

/** Waits for all, then fails with what failed. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const failures = (await Promise.allSettled(work)).flatMap((result) =>
    result.status === "rejected" ? [result.reason] : [],
  );
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("; "));
}

function parsePattern(pattern: string): unknown {
  try {
    return JSON.parse(pattern);
  } catch (error) {
    const message = `Event pattern is not valid: it is no JSON: ${String(error)}`;
    throw new AwsError("InvalidEventPatternException", message);
  }
}
