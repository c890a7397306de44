import * as z from "zod/mini";
import type { AwsResponse } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import type { CallDynamoDb } from "./call.ts";
import { withFailedItem } from "./condition-failure.ts";
import { type Comparison, readStatement, type Statement } from "./partiql.ts";

const value = z.record(z.string(), z.unknown());

const Input = z.looseObject({
  Statements: z
    .array(
      z.looseObject({
        Statement: z.string(),
        Parameters: z._default(z.array(value), []),
        ReturnValuesOnConditionCheckFailure: z.optional(z.enum(["ALL_OLD", "NONE"])),
      }),
    )
    .check(z.minLength(1), z.maxLength(25)),
});

type Request = z.output<typeof Input>["Statements"][number];

const Failure = z.looseObject({
  __type: z.string(),
  message: z.optional(z.string()),
  Message: z.optional(z.string()),
  Item: z.optional(z.unknown()),
});

const Description = z.looseObject({
  Table: z.looseObject({ KeySchema: z.array(z.looseObject({ AttributeName: z.string() })) }),
});

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html */
const CODES: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: "ConditionalCheckFailed",
  ItemCollectionSizeLimitExceededException: "ItemCollectionSizeLimitExceeded",
  ProvisionedThroughputExceededException: "ProvisionedThroughputExceeded",
  ResourceNotFoundException: "ResourceNotFound",
  ThrottlingException: "ThrottlingError",
};

/**
 * `BatchExecuteStatement`, which `dynalite` does not know: each write is a call of its own to it, and has an answer of its
 * own. As AWS, it brings the item of a failed condition where that is asked for, but none of an insert that is there
 * already; and it does not say in which order it executes them.
 */
export async function batchStatements(input: unknown, call: CallDynamoDb): Promise<AwsResponse> {
  const { Statements } = parse(Input, input, "ValidationException");
  const Responses = await Promise.all(Statements.map((request) => execute(request, call)));
  return {
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify({ Responses }),
  };
}

async function execute(request: Request, call: CallDynamoDb): Promise<object> {
  try {
    const statement = readStatement(request.Statement);
    const error = await run(statement, request, call);
    return error === undefined
      ? { TableName: statement.table }
      : { TableName: statement.table, Error: error };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { Error: { Code: "ValidationError", Message: error.message } };
  }
}

async function run(statement: Statement, request: Request, call: CallDynamoDb): Promise<object | undefined> {
  const description = await call("DescribeTable", { TableName: statement.table });
  const table = Description.safeParse(JSON.parse(String(description.body)));
  if (!table.success) return { Code: "ResourceNotFound", Message: "Requested resource not found" };
  const keys = table.data.Table.KeySchema.map(({ AttributeName }) => AttributeName);
  const { operation, input } = callOf(statement, request, keys);
  const asked = { ReturnValuesOnConditionCheckFailure: request.ReturnValuesOnConditionCheckFailure };
  const answer = await call(operation, input);
  const { status, body } = await withFailedItem({ ...input, ...asked }, answer, call);
  if (status < 400) return undefined;
  const failure = Failure.parse(JSON.parse(String(body)));
  const Message = failure.message ?? failure.Message;
  const name = failure.__type.split("#").at(-1) ?? "";
  if (name === "ConditionalCheckFailedException" && statement.kind === "insert") {
    return { Code: "DuplicateItem", Message: "Duplicate primary key exists in table" };
  }
  const Code = CODES[name] ?? (status >= 500 ? "InternalServerError" : "ValidationError");
  return { Code, Message, ...(failure.Item !== undefined && { Item: failure.Item }) };
}

interface DynamoDbCall {
  readonly operation: string;
  readonly input: object;
}

/** The statement as a call that `dynalite` knows. */
function callOf(statement: Statement, { Parameters }: Request, keys: readonly string[]): DynamoDbCall {
  const parameter = (place: number) => {
    const found = Parameters[place];
    if (found === undefined) throw new AwsError("ValidationException", "Number of parameters does not match");
    return found;
  };
  const [partition = ""] = keys;
  if (statement.kind === "insert") {
    const Item = Object.fromEntries([...statement.item].map(([name, place]) => [name, parameter(place)]));
    const ConditionExpression = "attribute_not_exists(#partition)";
    const ExpressionAttributeNames = { "#partition": partition };
    const input = { TableName: statement.table, Item, ConditionExpression, ExpressionAttributeNames };
    return { operation: "PutItem", input };
  }
  const Key = Object.fromEntries(keys.map((name) => [name, parameter(keyPlace(name, statement.where))]));
  const names: Record<string, string> = { "#partition": partition };
  const values: Record<string, unknown> = {};
  const bind = (name: string, place: number): [string, string] => {
    const index = Object.keys(values).length;
    names[`#n${index}`] = name;
    values[`:v${index}`] = parameter(place);
    return [`#n${index}`, `:v${index}`];
  };
  const others = statement.where.filter(({ name }) => !keys.includes(name));
  const conditions = others.map(({ name, operator, parameter: place }) =>
    bind(name, place).join(` ${operator} `),
  );
  const input = {
    TableName: statement.table,
    Key,
    ConditionExpression: ["attribute_exists(#partition)", ...conditions].join(" AND "),
    ExpressionAttributeNames: names,
  };
  if (statement.kind === "delete") {
    return { operation: "DeleteItem", input: { ...input, ...valuesOf(values) } };
  }
  const sets = [...statement.set].map(([name, place]) => bind(name, place).join(" = "));
  const removes = statement.remove.map((name, index) => {
    names[`#r${index}`] = name;
    return `#r${index}`;
  });
  const UpdateExpression = [
    ...(sets.length > 0 ? [`SET ${sets.join(", ")}`] : []),
    ...(removes.length > 0 ? [`REMOVE ${removes.join(", ")}`] : []),
  ].join(" ");
  return { operation: "UpdateItem", input: { ...input, UpdateExpression, ...valuesOf(values) } };
}

function valuesOf(values: Readonly<Record<string, unknown>>): object {
  return Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {};
}

/** "must specify an equality condition on all key attributes" */
function keyPlace(name: string, where: readonly Comparison[]): number {
  const found = where.find((one) => one.name === name && one.operator === "=");
  if (found) return found.parameter;
  throw new AwsError(
    "ValidationException",
    "Where clause does not contain a mandatory equality on all key attributes",
  );
}
