import { type Target, topicOf } from "../../shared/routes/targets.ts";
import { uniqueTargets } from "../../shared/routes/unique-targets.ts";
import type { ServiceConfig } from "../checked-config.ts";

type Notify = ServiceConfig["notify"];

/**
 * Targets that no call from this region reaches: SNS's Publish and EventBridge's PutEvents go to the region they are sent
 * to, whatever region an ARN names.
 */
export function routeProblems({ routes }: Notify, region: string): readonly string[] {
  return uniqueTargets(routes).flatMap((target) => {
    const arn = arnOf(target);
    const [, , service, there] = arn?.split(":") ?? [];
    if (there === undefined || there === "" || there === region) return [];
    const what = service === "sns" ? "a topic" : "an event bus";
    return [`notify.routes: found ${arn}, expected ${what} in ${region}, where the functions run`];
  });
}

function arnOf(target: Target): string | undefined {
  const name = topicOf(target) ?? target.eventbridge?.bus;
  return name?.startsWith("arn:") ? name : undefined;
}

/** Where routes alone carry the alarms on Reflex, nobody would hear that what carries them fails. */
export const alarmNotes = ({ routes, emails }: Notify): readonly string[] =>
  uniqueTargets(routes).length > 0 && emails.length === 0
    ? [
        "notify.emails: none beside the routes: if deliver-notifications itself fails, the alarm that says so reaches nobody unless you subscribe to the topic reflex-<stage>-watch yourself",
      ]
    : [];
