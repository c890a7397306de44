/** A line that a function wrote, as CloudWatch Logs keeps it. */
export interface LogEvent {
  /** For example `/aws/lambda/reflex-dev-reshard-streams`. */
  readonly group: string;
  readonly stream: string;
  /** Unique within the account. */
  readonly id: string;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

/** The fields of a line by their paths, `records.0.reason`; of JSON its own, and those CloudWatch adds. */
export type Fields = ReadonlyMap<string, string>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html */
export function fieldsOf({ group, stream, id, timestamp, message }: LogEvent): Fields {
  const fields = new Map([
    ["@timestamp", new Date(timestamp).toISOString().replace("T", " ").replace("Z", "")],
    ["@message", message],
    ["@log", group],
    ["@logStream", stream],
    ["@ptr", id],
  ]);
  flatten(jsonOf(message), "", fields);
  return fields;
}

/** The value of a JSON line; undefined for a line that is none. */
export function jsonOf(message: string): unknown {
  if (!message.startsWith("{")) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function flatten(value: unknown, path: string, fields: Map<string, string>): void {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, path ? `${path}.${key}` : key, fields);
  } else if (path !== "" && value !== undefined && value !== null) fields.set(path, String(value));
}
