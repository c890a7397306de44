import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { traced } from "../../../../shared/tracing/aws-calls.ts";
import { assumeRole } from "./assumed-role.ts";

/**
 * Clients for tables that are written by another role, one a role for as long as the process lives.
 * @param options of every client
 */
export function roleClients(
  options: () => DynamoDBClientConfig,
  sessionName: string,
): (roleArn: string) => DynamoDBClient {
  const clients = new Map<string, DynamoDBClient>();
  return (roleArn) => {
    const known = clients.get(roleArn);
    if (known !== undefined) return known;
    const credentials = () => assumeRole(roleArn, sessionName);
    const client = traced(new DynamoDBClient({ ...options(), credentials }));
    clients.set(roleArn, client);
    return client;
  };
}
