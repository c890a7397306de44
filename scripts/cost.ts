/** `npm run cost [-- file]`: what the service costs a month at rest, for one config. */
import { join } from "node:path";
import { checkedConfig } from "./checked-config.ts";
import { streamsCost } from "./streams-cost.ts";

const file = process.argv[2] ?? "config/dev.yml";
const { sections, problems } = await checkedConfig(join(import.meta.dirname, ".."), file);
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exitCode = 1;
} else {
  const lines = streamsCost(sections.streams ?? {});
  console.log(`${file}: USD a month at rest, us-east-1, without any free tier\n`);
  for (const { what, usd } of lines) console.log(`${usd.toFixed(2).padStart(8)}  ${what}`);
  console.log(
    `${lines
      .reduce((sum, { usd }) => sum + usd, 0)
      .toFixed(2)
      .padStart(8)}  together`,
  );
}
