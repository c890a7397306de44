import { describe, expect, it } from "vitest";
import type { Properties, ResourceType } from "../../../sandbox/service.ts";
import {
  type DeletionPolicy,
  deprovision,
  provision,
  type StackResources,
  type Step,
} from "../../../sandbox/template/provision.ts";
import { TakenNames } from "../../../sandbox/template/taken-names.ts";
import { parseTemplate } from "../../../sandbox/template/template.ts";

/** An account in which roles can be created; one with the path `/refused/` cannot. */
function account() {
  const roles = new Map<string, Properties>();
  const names = new TakenNames();
  const role: ResourceType = async (logicalId, properties) => {
    if (properties.Path === "/refused/") throw new Error("no such role can be");
    const name = String(properties.RoleName ?? logicalId);
    roles.set(name, properties);
    return { ref: name, remove: async () => void roles.delete(name) };
  };
  /** Provisions roles by their logical ids, in one stack. */
  function stack() {
    const existing: StackResources = new Map();
    const steps: Step[] = [];
    const onStep = (step: Step) => void steps.push(step);
    return {
      roles: () => [...roles.keys()],
      done: () => steps.map(({ logicalId, status }) => `${logicalId} ${status}`),
      deploy: (
        resources: Readonly<Record<string, Properties>>,
        policy?: DeletionPolicy,
        rolledBack?: ReadonlySet<string>,
      ) =>
        provision(
          parseTemplate(
            {
              Resources: Object.fromEntries(
                Object.entries(resources).map(([id, Properties]) => [
                  id,
                  { Type: "AWS::IAM::Role", Properties, ...(policy && { DeletionPolicy: policy }) },
                ]),
              ),
            },
            "template",
          ),
          {
            types: { "AWS::IAM::Role": role },
            stackName: "reflex",
            existing,
            names,
            onStep,
            ...(rolledBack && { rolledBack }),
          },
        ),
      delete: (rolledBack?: ReadonlySet<string>) =>
        deprovision(existing, { names, onStep, ...(rolledBack && { rolledBack }) }),
    };
  }
  return { stack };
}

describe("a resource that the stack has no more", () => {
  it.each([
    ["Delete", []],
    ["Retain", ["a"]],
    ["RetainExceptOnCreate", ["a"]],
  ] as const)("with %s leaves %j in the account", async (policy, left) => {
    const stack = account().stack();
    await stack.deploy({ A: { RoleName: "a" } }, policy);
    await stack.delete();
    expect(stack.roles()).toEqual(left);
  });

  it.each([
    ["Delete", []],
    ["Retain", ["a"]],
    ["RetainExceptOnCreate", []],
  ] as const)(
    "with %s leaves %j where the operation that created it is rolled back",
    async (policy, left) => {
      const stack = account().stack();
      await stack.deploy({ A: { RoleName: "a" } }, policy);
      await stack.delete(new Set(["A"]));
      expect(stack.roles()).toEqual(left);
    },
  );
});

describe("a name that a template gives", () => {
  it("is taken, also by what a stack that is gone has retained", async () => {
    const { stack } = account();
    const first = stack();
    await first.deploy({ A: { RoleName: "a" } }, "Retain");
    await first.delete();
    await expect(stack().deploy({ Again: { RoleName: "a" } })).rejects.toThrow(
      "Resource of type 'AWS::IAM::Role' with identifier 'a' already exists.",
    );
  });

  it("is free again when what had it is deleted", async () => {
    const { stack } = account();
    const first = stack();
    await first.deploy({ A: { RoleName: "a" } });
    await first.delete();
    const second = stack();
    await second.deploy({ B: { RoleName: "a" } });
    expect(second.done()).toContain("B CREATE_COMPLETE");
  });

  it("cannot be kept by one that needs replacing", async () => {
    const stack = account().stack();
    await stack.deploy({ A: { RoleName: "a", Path: "/" } });
    await expect(stack.deploy({ A: { RoleName: "a", Path: "/other/" } })).rejects.toThrow(
      "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename a and update the stack again.",
    );
  });

  it("changes with a replacement: the new one is created before the old one goes", async () => {
    const stack = account().stack();
    await stack.deploy({ A: { RoleName: "a" } });
    await stack.deploy({ A: { RoleName: "b" } });
    expect(stack.roles()).toEqual(["b"]);
    expect(stack.done().slice(-2)).toEqual(["A DELETE_IN_PROGRESS", "A DELETE_COMPLETE"]);
  });

  it("stays where only what may change does", async () => {
    const stack = account().stack();
    await stack.deploy({ A: { RoleName: "a" } });
    await stack.deploy({ A: { RoleName: "a", Description: "changed" } });
    expect(stack.roles()).toEqual(["a"]);
    expect(stack.done()).not.toContain("A DELETE_COMPLETE");
  });
});
