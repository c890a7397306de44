import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { secretsOf } from "../../../shared/routes/targets.ts";
import { uniqueTargets } from "../../../shared/routes/unique-targets.ts";
import { testEvents } from "../notify/test-message.ts";
import type { Dependencies } from "./dependencies.ts";

/** What became of a test message, for whoever asked for it. */
export interface TestResult {
  readonly route: string;
  readonly targets: readonly { readonly target: string; readonly outcome: string }[];
}

const AT_ONCE = 5;

/**
 * Sends a message that is marked as a test to every target of a route, and says what each answered. A pager gets the end
 * right after it, so that nobody has to close it.
 *
 * @param mode `observe`: nothing is sent
 * @throws {Misconfigured} for a route that the config does not have
 */
export async function sendTest(
  { route: name, mode }: { readonly route: string; readonly mode: "act" | "observe" },
  run: Run,
  deps: Dependencies,
): Promise<TestResult> {
  const { routes } = deps.config;
  const route = routes.find((one) => one.name === name);
  if (!route) {
    const known = routes.map((one) => one.name).join(", ") || "none";
    throw new Misconfigured(`route: found "${name}", expected one of notify.routes: ${known}`);
  }
  const to = uniqueTargets([route]);
  if (mode === "observe") {
    return {
      route: name,
      targets: to.map(({ key }) => ({ target: key, outcome: "nothing was sent" })),
    };
  }
  const credentials = await deps.credentials.read(to.flatMap(secretsOf), run.clock.now(), run.signal);
  const targets = await inParallel(to, AT_ONCE, async (target) => {
    try {
      for (const event of testEvents(route, target, { id: run.id, at: run.clock.now() })) {
        await deps.send({ target, events: [event], mayBeRepeat: false }, credentials, run);
      }
      return { target: target.key, outcome: "delivered" };
    } catch (error) {
      const failure = asFailure(error, "deliver", target.key);
      run.log.warn(failure.message, { resource: target.key });
      return { target: target.key, outcome: failure.message };
    }
  });
  return { route: name, targets };
}
