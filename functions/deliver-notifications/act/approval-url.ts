import { asFailure } from "../../../shared/aws/failure.ts";
import { lambda } from "../../../shared/aws/runtime-clients.ts";

/** The address of the page that takes answers. */
export type ApprovalUrl = (signal: AbortSignal) => Promise<string>;

/** Asks Lambda once for the function's URL, when the first notification asks people for something. */
export function createApprovalUrl(FunctionName: string): ApprovalUrl {
  let url: Promise<string> | undefined;
  const read = async (abortSignal: AbortSignal): Promise<string> => {
    const client = await lambda();
    return (await client.getFunctionUrlConfig({ FunctionName }, { abortSignal })).FunctionUrl ?? "";
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
