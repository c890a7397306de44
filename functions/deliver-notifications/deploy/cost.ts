import { type CostLine, costLine } from "../../../shared/cost/cost-line.ts";

/**
 * Lambda polls a queue all the time: with five pollers, each of which waits 20 s for a message. An assumption for a queue
 * with next to nothing in it. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const POLLS_A_MONTH = 5 * 3 * 60 * 730;

/** What waiting for notifications costs a month; the handful that come cost less than a cent. */
export const deliveryCost = (): CostLine[] => [
  costLine("SQS: Lambda polls the queue of deliveries", { sqsRequest: POLLS_A_MONTH }),
];
