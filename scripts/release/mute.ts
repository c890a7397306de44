import {
  type CloudWatchClient,
  DeleteAlarmMuteRuleCommand,
  PutAlarmMuteRuleCommand,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import { alarmName } from "../../shared/monitoring/alarm.ts";

/** CloudWatch takes so many alarms a rule. */
const ALARMS_OF_A_RULE = 100;
/** Longer than a deploy takes: a release that is killed leaves the rule, and it ends by itself. */
const DEPLOY_MINUTES = 60;

export interface Mute {
  /** Their actions are taken again; what still stands notifies then. */
  end(): Promise<void>;
}

/**
 * Mutes the alarms on Reflex around a deploy, which looks at their states itself. A deploy goes on without where that may not be
 * done.
 *
 * @param minutes for how long the deploy is watched
 * @param now ms since the epoch
 * @param note takes a sentence for a person
 */
export async function muteAlarms(
  client: CloudWatchClient,
  stage: string,
  { minutes, now }: { readonly minutes: number; readonly now: number },
  note: (text: string) => void,
): Promise<Mute> {
  const rules: string[] = [];
  try {
    const names = await alarmsOf(client, stage);
    for (let from = 0; from < names.length; from += ALARMS_OF_A_RULE) {
      const Name = `reflex-${stage}-release-${rules.length + 1}`;
      await client.send(
        new PutAlarmMuteRuleCommand({
          Name,
          Description: "npm run release: while it deploys and watches",
          Rule: { Schedule: scheduleOf(now, DEPLOY_MINUTES + Math.ceil(minutes)) },
          MuteTargets: { AlarmNames: names.slice(from, from + ALARMS_OF_A_RULE) },
        }),
      );
      rules.push(Name);
    }
  } catch (error) {
    note(`NOTE  The alarms are not muted: ${nameOf(error)}. They may notify while the deploy goes on.`);
  }
  return {
    async end() {
      for (const AlarmMuteRuleName of rules) {
        await client
          .send(new DeleteAlarmMuteRuleCommand({ AlarmMuteRuleName }))
          .catch((error: unknown) =>
            note(
              `NOTE  The mute rule ${AlarmMuteRuleName} could not be deleted (${nameOf(error)}): it ends by itself.`,
            ),
          );
      }
    },
  };
}

async function alarmsOf(client: CloudWatchClient, stage: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: alarmName(stage, "") },
  ))
    names.push(...MetricAlarms.flatMap((alarm) => alarm.AlarmName ?? []));
  return names;
}

/** Once, from the minute that has begun. */
const scheduleOf = (now: number, minutes: number) => ({
  Expression: `at(${new Date(now).toISOString().slice(0, 16)})`,
  Duration: `PT${minutes}M`,
  Timezone: "UTC",
});

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));
