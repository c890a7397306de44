import type { Context } from "aws-lambda";

/** What Lambda hands a function beside the event. */
export function context(remainingMs = 60_000): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: "reflex-test-reshard-streams",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:reflex-test-reshard-streams",
    memoryLimitInMB: "512",
    awsRequestId: "6f747d3c-7f8e-4f9b-9d0a-3b1e3a0c2f11",
    logGroupName: "/aws/lambda/reflex-test-reshard-streams",
    logStreamName: "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
    getRemainingTimeInMillis: () => remainingMs,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
