import * as z from "zod/mini";
import { loadLambdaIn } from "../../../shared/aws/runtime-clients.ts";
import { type AskedSite, confirmAnswer, type SeenSite } from "./request.ts";

/** Asks the function in another region how it sees these sites. Throws when it cannot be asked, or answers nonsense. */
export type AskRegion = (
  region: string,
  sites: readonly AskedSite[],
  signal: AbortSignal,
) => Promise<readonly SeenSite[]>;

/** A probe takes up to 30 s there, and a cold start comes before it. */
const REQUEST_TIMEOUT_MS = 40_000;
/** Of an answer; that of a hundred sites has some 100 KB. */
const MAX_ANSWER_BYTES = 1_000_000;

/**
 * The client is loaded with the first new failure, a client a region: while all is well nobody pays for it.
 *
 * @param functionName the same in every region
 */
export function createAskRegion(functionName: string): AskRegion {
  const clients = new Map<string, ReturnType<typeof loadLambdaIn>>();
  return async (region, sites, signal) => {
    const loading = clients.get(region) ?? loadLambdaIn(region, REQUEST_TIMEOUT_MS);
    clients.set(region, loading);
    const client = await loading;
    const { Payload, FunctionError } = await client.invoke(
      { FunctionName: functionName, Payload: JSON.stringify({ confirm: sites }) },
      { abortSignal: signal },
    );
    const answer = Payload ?? new Uint8Array();
    if (answer.length > MAX_ANSWER_BYTES) throw new Error(`it answered ${answer.length} bytes`);
    const document: unknown = JSON.parse(new TextDecoder().decode(answer) || "null");
    if (FunctionError !== undefined) throw new Error(`its function failed: ${errorTypeOf(document)}`);
    const parsed = confirmAnswer.safeParse(document);
    if (!parsed.success) throw new Error(`it answered something else: ${z.prettifyError(parsed.error)}`);
    return parsed.data.seen;
  };
}

function errorTypeOf(document: unknown): string {
  const parsed = z.safeParse(z.looseObject({ errorType: z.string() }), document);
  return parsed.success ? parsed.data.errorType : "for an unknown cause";
}
