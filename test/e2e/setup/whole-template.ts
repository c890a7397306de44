import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { readTemplate, TEMPLATE_FILE, type Template } from "../../../sandbox/template/template.ts";

const Nested = z.looseObject({ Parameters: z._default(z.record(z.string(), z.unknown()), {}) });

/** The files of every template in a package: the service's stack, and those nested in it. */
export function templateFiles(dir: string): readonly string[] {
  const nested = join(dir, "nested");
  const files = existsSync(nested) ? readdirSync(nested) : [];
  return [join(dir, TEMPLATE_FILE), ...files.map((file) => join(nested, file))];
}

/** What is packaged as if it were one stack: nested stacks opened, with what they are handed in the place of parameters. */
export function wholeTemplate(dir: string): Template {
  const [root = "", ...nested] = templateFiles(dir);
  const template = readTemplate(root);
  const kept = Object.entries(template.Resources).filter(
    ([, { Type }]) => Type !== "AWS::CloudFormation::Stack",
  );
  const opened = nested.flatMap((file) => {
    const name = file.replace(/^.*\//, "").replace(/-[0-9a-f]+\.json$/, "");
    const { Parameters } = Nested.parse(template.Resources[name]?.Properties ?? {});
    const { Resources } = readTemplate(file);
    const text = Object.entries(Parameters).reduce(
      (all, [parameter, value]) => all.replaceAll(`{"Ref":"${parameter}"}`, JSON.stringify(value)),
      JSON.stringify(Resources),
    );
    const resources: Template["Resources"] = JSON.parse(text);
    return Object.entries(resources);
  });
  return { ...template, Resources: Object.fromEntries([...kept, ...opened]) };
}
