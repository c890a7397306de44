import * as z from "zod/mini";
import type { Account } from "../../account.ts";
import { functionNameIn } from "../../lambda/configuration.ts";
import { type Action, parsed, Refused } from "./action.ts";

const input = z.object({ alarm: z.string() });

/** The alarm goes to ALARM by hand, and each function it invokes gets that event twice at the same moment. */
export function deliverAlarmTwice({ cloudwatch, lambda, sns }: Account): Action {
  const { alarms } = cloudwatch;

  function functionsBehind(arn: string): string[] {
    if (arn.startsWith("arn:aws:lambda:")) return [functionNameIn(arn)];
    if (!arn.startsWith("arn:aws:sns:")) return [];
    return sns.topics
      .subscriptions(arn)
      .flatMap(({ protocol, endpoint }) => (protocol === "lambda" ? [functionNameIn(endpoint)] : []));
  }

  return {
    name: "deliver-alarm-twice",
    available: () => alarms.list().some(({ configuration }) => (configuration.AlarmActions ?? []).length > 0),
    async run(body) {
      const { alarm: name } = parsed(input, body);
      const found = alarms.list().find(({ configuration }) => configuration.AlarmName === name);
      if (!found) throw new Refused(`There is no alarm ${name}.`);
      const functions = (found.configuration.AlarmActions ?? []).flatMap(functionsBehind);
      if (functions.length === 0) throw new Refused(`The alarm ${name} invokes no function.`);
      for (const one of functions) lambda.deliverTwice(one, { atOnce: true });
      // An alarm acts on a change only.
      if (found.state.value === "ALARM") alarms.setState(name, "OK", "Set by hand on the sandbox's page");
      alarms.setState(name, "ALARM", "Set by hand on the sandbox's page, to be delivered twice");
      return `${name} went to ALARM; ${functions.join(", ")} gets the event twice at the same time. The next evaluation sets the alarm back.`;
    },
  };
}
