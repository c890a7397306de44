/**
 * `npm run approve -- <id> [--stage dev] [--region <r>] [--profile <p>] [--json]`: approves a change that a notification asked for, where
 * the mode is `ask`. The next look, a minute later at most, decides anew, and makes the change only if it is still right; what
 * came of it is notified. Without an id: what waits for an answer. Ends with 1 where the request takes no answer any more, with 2 when
 * it was called wrongly. `--json` is for machines.
 */
import { answerByCommand } from "./answer-by-command.ts";

process.exitCode = await answerByCommand("approved");
