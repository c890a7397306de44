import type { Asked } from "./answer.ts";
import type { Answers } from "./ask-functions.ts";

/** What became of a release. */
export interface Released {
  /** The step that failed; null where the stage runs what was deployed, and is well. */
  readonly failed: "deploy" | "smoke" | "alarms" | null;
  /** What the functions answered; none where they were not asked. */
  readonly functions: readonly Asked[];
  /** Those that fired since the deploy. */
  readonly alarms: readonly string[];
  /** Null where there was none. After `failed` and `nothing-before` the stage runs what was just deployed. */
  readonly rollback: "done" | "failed" | "nothing-before" | null;
}

/** The steps of a release; each says whether it ended well. */
export interface Steps {
  /** CloudFormation itself takes back one that fails. */
  readonly deploy: () => Promise<boolean>;
  readonly smoke: () => Promise<Answers>;
  /** Watches for as long as was asked for. */
  readonly newAlarms: () => Promise<readonly string[]>;
  /** Undefined where nothing was deployed before. */
  readonly rollback: (() => Promise<boolean>) | undefined;
}

/**
 * Deploys, asks the functions, watches the alarms, and rolls back where one of the latter two fails.
 *
 * @param note takes a sentence for a person
 */
export async function release(steps: Steps, stage: string, note: (text: string) => void): Promise<Released> {
  if (!(await steps.deploy())) return { failed: "deploy", functions: [], alarms: [], rollback: null };
  const { ok, functions } = await steps.smoke();
  const alarms = ok ? await steps.newAlarms() : [];
  if (alarms.length > 0) note(`In ALARM since the deploy: ${alarms.join(", ")}.`);
  if (ok && alarms.length === 0) return { failed: null, functions, alarms, rollback: null };
  return { failed: ok ? "alarms" : "smoke", functions, alarms, rollback: await rollBack(steps, stage, note) };
}

async function rollBack(
  { rollback }: Steps,
  stage: string,
  note: (text: string) => void,
): Promise<Released["rollback"]> {
  if (!rollback) {
    note(`Nothing was deployed to stage ${stage} before: there is nothing to go back to.`);
    return "nothing-before";
  }
  note(`Going back to what was deployed to stage ${stage} before …`);
  if (await rollback()) return "done";
  note(`The roll-back failed: stage ${stage} runs what was just deployed.`);
  return "failed";
}
