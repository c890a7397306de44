/**
 * `npm run reject -- <id> [--stage dev] [--region <r>] [--profile <p>] [--json]`: rejects a change that a notification asked for, where
 * the mode is `ask`. It is not asked for again for a day, unless more of it is needed. Without an id: what waits for an
 * answer. Ends with 1 where the request takes no answer any more, with 2 when it was called
 * wrongly. `--json` is for machines.
 */
import { answerByCommand } from "./answer-by-command.ts";

process.exitCode = await answerByCommand("rejected");
