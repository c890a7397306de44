import { KinesisClient } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { StageOptions } from "./stage-options.ts";

/** A client of Kinesis for a command: in HTTP/1, because the embedded AWS has no HTTP/2, which the SDK would take. */
export const kinesisClient = (aws: StageOptions["aws"]): KinesisClient =>
  new KinesisClient({ ...aws, requestHandler: new NodeHttpHandler() });
