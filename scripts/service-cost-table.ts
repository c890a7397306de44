import { type Billed, bill } from "./bill.ts";
import { sumOf } from "./cost-line.ts";
import { eventsCost, keptEventsCost, MODES } from "./ingest-cost.ts";
import { emptyServiceCost, moreOfEach } from "./more-of-each.ts";

const dollars = (usd: number) => `$${usd.toFixed(2)}`;

/** The README's table of the whole service: a month at rest of one config, and what each resource adds. */
export function serviceCostTable(name: string, sections: Billed): string {
  const parts = bill(sections);
  return [
    "| | USD a month |",
    "|---|---:|",
    ...parts.map((part) => `| ${part.name} | ${dollars(sumOf(part.lines))} |`),
    `| **together, at rest, by \`${name}\`** | ${dollars(sumOf(parts.flatMap(({ lines }) => lines)))} |`,
    `| the same service with nothing in its config | ${dollars(emptyServiceCost())} |`,
    ...moreOfEach().map(({ what, usd }) => `| ${what} | + ${dollars(usd)} |`),
    ...MODES.map(
      (mode) =>
        `| a million events of 1 KB landed, \`${mode}\`: once | + ${dollars(sumOf(eventsCost(mode)))} |`,
    ),
    `| a million events of 1 KB kept, recoverable to any second | + ${dollars(keptEventsCost())} |`,
  ].join("\n");
}
