import * as z from "zod/mini";
import type { SandboxClock } from "../../clock/clock.ts";
import type { Deliveries } from "../../deliveries.ts";
import { createEvent } from "../../events/event.ts";
import { AwsError } from "../../wire/error.ts";
import { awsTime } from "../time.ts";
import { type AlarmState, alarmArn, type StateValue } from "./alarm.ts";
import type { Alarms } from "./alarms.ts";

/** PutCompositeAlarm's input, and the properties of AWS::CloudWatch::CompositeAlarm. Actions and suppressors are refused. */
export const compositeAlarmSchema = z.strictObject({
  AlarmName: z.string().check(z.minLength(1), z.maxLength(255)),
  AlarmDescription: z.optional(z.string()),
  AlarmRule: z.string().check(z.minLength(1), z.maxLength(10_240)),
});
export type CompositeConfiguration = z.infer<typeof compositeAlarmSchema>;

export interface CompositeAlarm {
  readonly arn: string;
  readonly configuration: CompositeConfiguration;
  readonly state: AlarmState;
}

export interface CompositeAlarms {
  /** @throws {AwsError} ValidationError for a rule that is none, or names an alarm that is not there */
  put(configuration: CompositeConfiguration): CompositeAlarm;
  list(): readonly CompositeAlarm[];
  delete(name: string): void;
}

export interface CompositeDependencies {
  readonly alarms: Alarms;
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  readonly region: string;
}

/** Alarms on the states of other alarms, evaluated whenever one of those changes. One on another composite is refused. */
export function createCompositeAlarms({
  alarms,
  clock,
  deliveries,
  region,
}: CompositeDependencies): CompositeAlarms {
  const composites = new Map<string, CompositeAlarm>();
  alarms.onChange(() => {
    for (const one of composites.values()) evaluate(one);
  });
  return {
    put(configuration) {
      const { AlarmName: name, AlarmRule: rule } = configuration;
      for (const child of namesIn(rule)) alarms.get(child);
      const at = clock.now();
      const unchecked = {
        value: "INSUFFICIENT_DATA",
        reason: "Unchecked: Initial alarm creation",
        at,
      } as const;
      const state = composites.get(name)?.state ?? unchecked;
      evaluate({ arn: alarmArn(region, name), configuration, state });
      return composites.get(name) ?? { arn: alarmArn(region, name), configuration, state };
    },
    list: () => [...composites.values()],
    delete: (name) => void composites.delete(name),
  };

  function evaluate(one: CompositeAlarm): void {
    const { AlarmName: name, AlarmRule: rule } = one.configuration;
    const value: StateValue = holds(rule, (child) => alarms.get(child).state.value) ? "ALARM" : "OK";
    if (value === one.state.value) {
      composites.set(name, one);
      return;
    }
    const state = { value, reason: `${rule} is ${value === "ALARM"}`, at: clock.now() };
    composites.set(name, { ...one, state });
    const event = createEvent({
      source: "aws.cloudwatch",
      detailType: "CloudWatch Alarm State Change",
      region,
      at: state.at,
      resources: [one.arn],
      detail: {
        alarmName: name,
        state: stateOf(state),
        previousState: stateOf(one.state),
        configuration: {
          alarmRule: rule,
          ...(one.configuration.AlarmDescription !== undefined && {
            description: one.configuration.AlarmDescription,
          }),
        },
      },
    });
    clock.background(() => deliveries.toBus(event));
  }
}

const stateOf = ({ value, reason, at }: AlarmState) => ({ value, reason, timestamp: awsTime(at) });

const TOKEN = /\s*(?:(?<word>[A-Z_]+)|(?<text>"[^"]*"|'[^']*')|(?<sign>[()]))/y;
const STATES: ReadonlySet<string> = new Set(["ALARM", "OK", "INSUFFICIENT_DATA"]);

/** The alarms a rule names. */
function namesIn(rule: string): string[] {
  const names: string[] = [];
  holds(rule, (name) => {
    names.push(name);
    return "OK";
  });
  return names;
}

/**
 * Whether a rule holds: `ALARM("a") OR NOT (OK("b") AND INSUFFICIENT_DATA("c"))`, TRUE and FALSE.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
function holds(rule: string, stateOfAlarm: (name: string) => StateValue): boolean {
  const tokens = tokensOf(rule);
  const wrong = (found: string | undefined, expected: string) =>
    new AwsError("ValidationError", `AlarmRule: found ${found ?? "its end"}, expected ${expected}: ${rule}`);
  const take = (expected: string): void => {
    const found = tokens.shift();
    if (found !== expected) throw wrong(found, expected);
  };
  const either = (): boolean => {
    let value = both();
    while (tokens[0] === "OR") {
      tokens.shift();
      const other = both();
      value = value || other;
    }
    return value;
  };
  const both = (): boolean => {
    let value = one();
    while (tokens[0] === "AND") {
      tokens.shift();
      const other = one();
      value = value && other;
    }
    return value;
  };
  const one = (): boolean => {
    const token = tokens.shift();
    if (token === "NOT") return !one();
    if (token === "TRUE" || token === "FALSE") return token === "TRUE";
    if (token === "(") {
      const inner = either();
      take(")");
      return inner;
    }
    if (token === undefined || !STATES.has(token))
      throw wrong(token, "ALARM, OK, INSUFFICIENT_DATA, NOT, TRUE or (");
    take("(");
    const name = tokens.shift() ?? "";
    if (!/^["']/.test(name)) throw wrong(name, "an alarm's name in quotes");
    take(")");
    return stateOfAlarm(nameOf(name)) === token;
  };
  const value = either();
  if (tokens.length > 0) throw wrong(tokens[0], "AND, OR or its end");
  return value;
}

/** An ARN names the alarm too. */
const nameOf = (quoted: string): string => quoted.slice(1, -1).replace(/^arn:.*:alarm:/, "");

function tokensOf(rule: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = rule.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(rule);
    if (!found)
      throw new AwsError("ValidationError", `AlarmRule: found "${rule.slice(from).trim()}": ${rule}`);
    tokens.push(found[0].trim());
  }
  return tokens;
}
