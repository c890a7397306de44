import type { Resource } from "../../shared/cloudformation/resource.ts";

/** Takes out of DependsOn what a property refers to already: serverless repeats a function's role there. */
export function withoutRepeated(resource: Resource): Resource {
  const { DependsOn, ...others } = resource;
  if (DependsOn === undefined) return resource;
  const text = JSON.stringify(resource.Properties ?? {});
  const kept = [DependsOn]
    .flat()
    .filter((id) => !text.includes(`{"Fn::GetAtt":["${id}",`) && !text.includes(`{"Ref":"${id}"}`));
  return { ...others, ...(kept.length > 0 && { DependsOn: kept }) };
}
