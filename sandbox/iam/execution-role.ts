import { AwsError } from "../wire/error.ts";

/** Whether a role allows an action; undefined for a role that the sandbox does not know. */
export type RoleAllows = (roleArn: string, action: string, resource?: string) => boolean | undefined;

interface Declared {
  readonly role: string | undefined;
  readonly traced: boolean;
  readonly vpc: object | undefined;
  readonly deadLetterArn: string | undefined;
}

/** What Lambda does in the name of the function, and asks of its role when the function is created. */
const NETWORK = ["CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface"];

/**
 * Refuses a function whose role lacks what Lambda does with it.
 *
 * @throws {AwsError} InvalidParameterValueException in Lambda's words
 */
export function checkExecutionRole(declared: Declared, allows: RoleAllows): void {
  const { role, traced, vpc, deadLetterArn } = declared;
  if (role === undefined) return;
  const need = (action: string, service: string, resource?: string) => {
    if (allows(role, action, resource) !== false) return;
    const operation = action.split(":")[1];
    throw new AwsError(
      "InvalidParameterValueException",
      `The provided execution role does not have permissions to call ${operation} on ${service}`,
    );
  };
  if (vpc) for (const operation of NETWORK) need(`ec2:${operation}`, "EC2");
  if (traced) need("xray:PutTraceSegments", "XRAY");
  if (deadLetterArn?.includes(":sqs:")) need("sqs:SendMessage", "SQS", deadLetterArn);
  if (deadLetterArn?.includes(":sns:")) need("sns:Publish", "SNS", deadLetterArn);
}
