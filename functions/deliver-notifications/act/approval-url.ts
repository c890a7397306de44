import { clientOptions } from "../../../shared/aws/client-options.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import { traced } from "../../../shared/tracing/aws-calls.ts";

/** The address of the page that takes answers. */
export type ApprovalUrl = (signal: AbortSignal) => Promise<string>;

/** Asks Lambda once for the function's URL, when the first notification asks people for something. */
export function createApprovalUrl(FunctionName: string): ApprovalUrl {
  let url: Promise<string> | undefined;
  const read = async (abortSignal: AbortSignal): Promise<string> => {
    const sdk = await import("@aws-sdk/client-lambda");
    const client = traced(new sdk.LambdaClient(clientOptions()));
    const command = new sdk.GetFunctionUrlConfigCommand({ FunctionName });
    return (await client.send(command, { abortSignal })).FunctionUrl ?? "";
  };
  return async (signal) => {
    url ??= read(signal);
    try {
      return await url;
    } catch (error) {
      url = undefined;
      throw asFailure(error, "lambda:GetFunctionUrlConfig", FunctionName);
    }
  };
}
