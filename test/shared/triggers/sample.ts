import { readFileSync } from "node:fs";

/** A value of an event, as `JSON.parse` gives it: a path that is not there reads as undefined. */
// biome-ignore lint/suspicious/noExplicitAny: tests break samples at any depth.
export type Json = any;

/** A sample event of reshard-streams, fresh for each caller: `alarm-direct`. */
export function sample(name: string): Json {
  const file = new URL(`../../../events/reshard-streams-${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A sample with a change made to it. */
export function changed(name: string, change: (event: Json) => void): Json {
  const event = sample(name);
  change(event);
  return event;
}

/** An SNS sample with a change made to the alarm in its first message. */
export function changedMessage(name: string, change: (message: Json) => void): Json {
  return changed(name, (event) => {
    const message = JSON.parse(event.Records[0].Sns.Message);
    change(message);
    event.Records[0].Sns.Message = JSON.stringify(message);
  });
}
