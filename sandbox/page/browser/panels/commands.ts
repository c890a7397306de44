import { h, type View } from "../parts/dom.ts";

/** How to reach this account from a terminal. */
export function commandsSection(): View {
  const { origin } = location;
  return h(
    "section",
    { key: "commands", class: "commands", "aria-labelledby": "commands" },
    h("h2", { id: "commands" }, "Commands"),
    h(
      "details",
      { class: "card" },
      h("summary", {}, "Use this account from a terminal: aws, any SDK, serverless"),
      h("p", {}, "In each terminal, once:"),
      command(
        `export AWS_ENDPOINT_URL=${origin} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1`,
        "export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox",
      ),
      h("p", {}, "Then, for example:"),
      command(
        "aws kinesis put-record --stream-name sample --partition-key a --data aGVsbG8=",
        "aws kinesis describe-stream-summary --stream-name sample",
        "aws cloudwatch describe-alarms --state-value ALARM",
        "npx serverless invoke local -f reshard-streams -p events/reshard-streams-by-hand.json",
      ),
    ),
  );
}

const command = (...lines: readonly string[]): View => h("pre", { tabindex: 0 }, lines.join("\n"));
