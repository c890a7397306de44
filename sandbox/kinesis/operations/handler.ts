import type { AwsRequest, AwsResponse } from "../../service.ts";
import type { Fields } from "../answer.ts";

/** Answers one operation. `input` is the body of the request. */
export type Handler = (request: AwsRequest, input: Fields, operation: string) => Promise<AwsResponse>;

/** By AWS's name of the operation. */
export type Handlers = Readonly<Record<string, Handler>>;
