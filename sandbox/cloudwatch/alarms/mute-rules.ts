import * as z from "zod/mini";
import type { SandboxClock } from "../../clock/clock.ts";
import { AwsError } from "../../wire/error.ts";
import { list } from "../../wire/scalars.ts";

/** CloudWatch takes so many alarms a rule. */
const MOST_ALARMS = 100;

/**
 * PutAlarmMuteRule's input. The sandbox mutes once, `at(2026-11-28T12:00)` in UTC; a recurring `cron(…)` and another time zone
 * are refused.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
 */
export const muteRuleSchema = z.object({
  Name: z.string().check(z.minLength(1), z.maxLength(255)),
  Description: z.optional(z.string()),
  Rule: z.object({
    Schedule: z.strictObject({
      Expression: z.string().check(
        z.regex(/^at\(\d{4}-\d\d-\d\dT\d\d:\d\d\)$/, {
          error: "expected at(yyyy-MM-ddThh:mm): the sandbox mutes once and not by cron",
        }),
      ),
      Duration: z
        .string()
        .check(
          z.regex(/^PT(?=\d)(\d+H)?(\d+M)?$/, { error: "expected hours and minutes such as PT1H or PT15M" }),
        ),
      Timezone: z.optional(z.literal("UTC")),
    }),
  }),
  MuteTargets: z.object({
    AlarmNames: list(z.string()).check(z.minLength(1), z.maxLength(MOST_ALARMS)),
  }),
});
export type MuteRule = z.infer<typeof muteRuleSchema>;

export interface MuteRules {
  put(rule: MuteRule): void;
  /** @throws {AwsError} ResourceNotFound */
  get(name: string): MuteRule & { readonly Status: "SCHEDULED" | "ACTIVE" | "EXPIRED" };
  list(): readonly string[];
  delete(name: string): void;
  /** Until when the alarm's actions are muted now, ms since the epoch. */
  mutedUntil(alarmName: string): number | undefined;
}

export function createMuteRules(clock: Pick<SandboxClock, "now">): MuteRules {
  const rules = new Map<string, MuteRule>();
  return {
    put: (rule) => void rules.set(rule.Name, rule),
    get(name) {
      const rule = rules.get(name);
      if (!rule)
        throw new AwsError("ResourceNotFoundException", `There is no mute rule ${name}.`, { status: 404 });
      const { from, to } = windowOf(rule);
      const now = clock.now();
      return { ...rule, Status: now < from ? "SCHEDULED" : now < to ? "ACTIVE" : "EXPIRED" };
    },
    list: () => [...rules.keys()],
    delete: (name) => void rules.delete(name),
    mutedUntil(alarmName) {
      const now = clock.now();
      const ends = [...rules.values()]
        .filter(({ MuteTargets }) => MuteTargets.AlarmNames.includes(alarmName))
        .map(windowOf)
        .filter(({ from, to }) => from <= now && now < to)
        .map(({ to }) => to);
      return ends.length > 0 ? Math.max(...ends) : undefined;
    },
  };
}

function windowOf({ Rule: { Schedule } }: MuteRule): { readonly from: number; readonly to: number } {
  const from = Date.parse(`${Schedule.Expression.slice(3, -1)}:00Z`);
  const [, hours = "0H", minutes = "0M"] = /^PT(\d+H)?(\d+M)?$/.exec(Schedule.Duration) ?? [];
  return { from, to: from + (Number.parseInt(hours, 10) * 60 + Number.parseInt(minutes, 10)) * 60_000 };
}
