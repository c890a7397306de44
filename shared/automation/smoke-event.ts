/** Every automation knows such an event, and does nothing about it. */
const ASKS_FOR_NOTHING = {
  source: "aws.cloudwatch",
  "detail-type": "CloudWatch Alarm Configuration Change",
  detail: { alarmName: "smoke" },
};

/**
 * An event that asks an automation what it would do about one resource (mode observe). Where the config names none, an
 * event that asks for nothing.
 *
 * @param key for example `stream`
 */
export const smokeEvent = (key: string, name: string | undefined): object =>
  name === undefined ? ASKS_FOR_NOTHING : { [key]: name, mode: "observe" };
