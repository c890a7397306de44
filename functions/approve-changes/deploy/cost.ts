import { type CostLine, costLine } from "../../../shared/cost/cost-line.ts";

/** An assumption: so many requests are asked for a month, and each is looked at and answered. */
const REQUESTS_A_MONTH = 100;
/** Written by the automation that asks, by the answer, and its line in the audit trail; read twice. */
const WRITES = 3;
const READS = 2;

/** What asking costs a month; a function URL itself costs nothing. */
export const approvalsCost = (): CostLine[] => [
  costLine(`DynamoDB: ${REQUESTS_A_MONTH} requests that are answered`, {
    dynamodbWrite: REQUESTS_A_MONTH * WRITES,
    dynamodbRead: REQUESTS_A_MONTH * READS,
  }),
];
