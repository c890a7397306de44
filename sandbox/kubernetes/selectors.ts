import { badRequest } from "./api-server/api-error.ts";
import { type KubeObject, textAt } from "./object.ts";

export type Matches = (object: KubeObject) => boolean;

const everything: Matches = () => true;

/** `a=b,c!=d,e in (x,y),f notin (z),g,!h`, as in the query parameter `labelSelector`. */
export function labelSelector(text: string | null): Matches {
  if (!text) return everything;
  const requirements = text.split(/,(?![^(]*\))/).map((part) => labelRequirement(part.trim()));
  return (object) => requirements.every((requirement) => requirement(object.metadata.labels ?? {}));
}

function labelRequirement(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return (labels) => values.includes(labels[key] ?? "\0") === (operator === "in");
  }
  const equal = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(text);
  if (equal) {
    const [, key = "", operator, value = ""] = equal;
    return (labels) => (labels[key] === value) === (operator !== "!=");
  }
  const exists = /^(!?)\s*([^\s=!]+)$/.exec(text);
  if (!exists) throw badRequest(`unable to parse requirement: "${text}" in the label selector`);
  const [, not, key = ""] = exists;
  return (labels) => key in labels === (not === "");
}

/** Fields that can be selected by, with what an absent one counts as. */
const FIELDS: Readonly<Record<string, string>> = {
  "metadata.name": "",
  "metadata.namespace": "",
  "spec.nodeName": "",
  "spec.unschedulable": "false",
  "spec.restartPolicy": "Always",
  "spec.schedulerName": "default-scheduler",
  "status.phase": "",
  "involvedObject.name": "",
  "involvedObject.namespace": "",
  "involvedObject.kind": "",
  "involvedObject.uid": "",
};

/** `spec.nodeName=a,status.phase!=Failed`, as in the query parameter `fieldSelector`. */
export function fieldSelector(text: string | null): Matches {
  if (!text) return everything;
  const requirements = text.split(",").map((part) => {
    const [, field = "", operator, value = ""] = /^([\w.]+)(==|=|!=)(.*)$/.exec(part.trim()) ?? [];
    const absent = FIELDS[field];
    if (absent === undefined) throw badRequest(`field label not supported: ${field || part}`);
    return (object: KubeObject) => ((textAt(object, field) || absent) === value) === (operator !== "!=");
  });
  return (object) => requirements.every((requirement) => requirement(object));
}
