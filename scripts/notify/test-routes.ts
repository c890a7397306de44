import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod/mini";

const answerSchema = z.object({
  targets: z.array(z.object({ target: z.string(), outcome: z.string() })),
});

/** What became of a test. */
export interface RouteTest {
  readonly route: string;
  readonly isTaken: boolean;
  /** What each answered; none where the function failed. */
  readonly targets: readonly { readonly target: string; readonly outcome: string }[];
  /** For people. */
  readonly lines: readonly string[];
}

/** Has the function of a stage send its test message to every target of a route. */
export async function testRoute(lambda: LambdaClient, stage: string, route: string): Promise<RouteTest> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({
      FunctionName: `reflex-${stage}-deliver-notifications`,
      Payload: JSON.stringify({ route }),
    }),
  );
  const answer: unknown = JSON.parse(Payload?.transformToString() || "null");
  const parsed = answerSchema.safeParse(answer);
  if (FunctionError !== undefined || !parsed.success) {
    const why = String(Reflect.get(Object(answer), "errorMessage") ?? JSON.stringify(answer));
    return { route, isTaken: false, targets: [], lines: [`route ${route}`, `  FAILED  ${why}`] };
  }
  const { targets } = parsed.data;
  const said = targets.map(
    ({ target, outcome }) => `  ${outcome === "delivered" ? "ok    " : "FAILED"}  ${target}  ${outcome}`,
  );
  return {
    route,
    isTaken: targets.every(({ outcome }) => outcome === "delivered"),
    targets,
    lines: [`route ${route}`, ...(said.length === 0 ? ["  to nobody"] : said)],
  };
}
