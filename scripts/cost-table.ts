import { streamPolicies } from "../functions/reshard-streams/config/policy.ts";
import { sumOf } from "./cost-line.ts";
import { streamsCost } from "./streams-cost.ts";

const COUNTS = [1, 10, 100] as const;

/** The README's table: the cost of watching 1, 10 and 100 streams with the default policy. */
export function costTable(): string {
  const bills = COUNTS.map((count) =>
    streamsCost(
      streamPolicies.parse(
        Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, { max: 10 }])),
      ),
    ),
  );
  const [first = []] = bills;
  const row = (name: string, amounts: readonly number[]) =>
    `| ${name} | ${amounts.map((usd) => `$${usd.toFixed(2)}`).join(" | ")} |`;
  return [
    `| | ${COUNTS.map((count) => (count === 1 ? "1 stream" : `${count} streams`)).join(" | ")} |`,
    `|---|${COUNTS.map(() => "---:").join("|")}|`,
    ...first.map(({ what }, line) =>
      row(
        what,
        bills.map((bill) => bill[line]?.usd ?? 0),
      ),
    ),
    row("**together**", bills.map(sumOf)),
  ].join("\n");
}
