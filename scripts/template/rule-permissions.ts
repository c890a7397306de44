import { arn, type Resource } from "../../shared/cloudformation/resource.ts";

type Resources = Readonly<Record<string, Resource>>;

/**
 * One permission a function in the place of one for each rule that invokes it: a function's resource policy takes 20,480
 * bytes, some 50 rules. The rules' names begin with the function's, which is what the permission is for.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export function onePermissionEach(resources: Resources): Resources {
  const byFunction = Map.groupBy(Object.entries(resources).filter(isOfRule), ([, { Properties }]) =>
    JSON.stringify(Reflect.get(Object(Properties), "FunctionName")),
  );
  const many = [...byFunction.values()].filter((permissions) => permissions.length > 1);
  const replaced = new Set(many.flatMap((permissions) => permissions.map(([id]) => id)));
  const kept = Object.entries(resources).filter(([id]) => !replaced.has(id));
  const together = many.map(([first]): [string, Resource] => {
    const [id, { Properties }] = first ?? ["", {}];
    const functionId = id.replace(/LambdaPermission.*$|EventBridge.*$/, "");
    const { FunctionName } = Object(
      Reflect.get(Object(resources[`${functionId}LambdaFunction`]), "Properties"),
    );
    return [
      `${functionId}RulesPermission`,
      {
        Type: "AWS::Lambda::Permission",
        Properties: { ...Object(Properties), SourceArn: arn("events", `rule/${FunctionName}*`) },
      },
    ];
  });
  return Object.fromEntries([...kept, ...together]);
}

const isOfRule = ([, { Type, Properties }]: [string, Resource]): boolean =>
  Type === "AWS::Lambda::Permission" &&
  Reflect.get(Object(Properties), "Principal") === "events.amazonaws.com";
