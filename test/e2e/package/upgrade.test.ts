import { basename } from "node:path";
import { expect, inject, test } from "vitest";
import { readTemplate } from "../../../sandbox/template/template.ts";
import { templateFiles } from "../setup/whole-template.ts";
import before from "./names-0.1.0.json" with { type: "json" };

/** Where each name of the account stands: `StreamAlarms1/ScaleOutAlarm…`, without the stack where that is the service's. */
function placesOf(type: string): Map<unknown, string> {
  return new Map(
    templateFiles(inject("everythingDir")).flatMap((file, index) => {
      const stack = index === 0 ? "" : `${basename(file).replace(/-[0-9a-f]+\.json$/, "")}/`;
      return Object.entries(readTemplate(file).Resources)
        .filter(([, { Type }]) => Type === type)
        .flatMap(([id, { Properties = {} }]) =>
          Object.values(Properties).map((value): [unknown, string] => [value, `${stack}${id}`]),
        );
    }),
  );
}

/** Nothing is lost with them: a version may leave them out. What keeps data has to be found. */
const MAY_GO = ["AWS::CloudWatch::Alarm", "AWS::Events::Rule"];

// CloudFormation creates before it deletes: a name that turns up under another logical id, or in another stack, is a
// name that exists already, and the upgrade is rolled back.
test.each(Object.entries(before))(
  "an upgrade finds each %s of the version before under its logical id, in its stack",
  (type, names) => {
    const places = placesOf(type);
    const kept = Object.entries(names).filter(([name]) => places.has(name) || !MAY_GO.includes(type));
    expect(kept).not.toEqual([]);
    expect(kept.map(([name]) => [name, places.get(name)])).toEqual(kept);
  },
);
