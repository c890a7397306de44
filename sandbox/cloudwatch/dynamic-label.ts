import type { Series } from "./math/value.ts";

/**
 * Placeholders in a label. Of those in
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html the sandbox has
 * the metric's properties and its own label, and not those of values and times (`${MAX}`, `${LAST}`).
 */
const PLACEHOLDER = /\$\{([^}]*)\}/g;

const PROPERTIES: Readonly<Record<string, (source: NonNullable<Series["source"]>) => string>> = {
  MetricName: ({ metric }) => metric.name,
  Namespace: ({ metric }) => metric.namespace,
  Stat: ({ statistic }) => statistic,
};

export function isDynamic(label: string): boolean {
  return label.search(PLACEHOLDER) >= 0;
}

/** Why a label cannot be filled in, or undefined where it can. */
export function labelProblem(label: string): string | undefined {
  for (const [placeholder, inside = ""] of label.matchAll(PLACEHOLDER)) {
    if (inside === "LABEL") continue;
    const property = propertyIn(inside);
    if (property !== undefined && (property.startsWith("Dim.") || Object.hasOwn(PROPERTIES, property)))
      continue;
    const known = [...Object.keys(PROPERTIES), "Dim.…"].map((name) => `\${PROP('${name}')}`);
    return `the label has ${placeholder}; the sandbox has \${LABEL}, ${known.join(", ")}`;
  }
  return undefined;
}

/**
 * Fills in a label that `labelProblem` passed, with what is known of the series; what it has not (a dimension
 * of another metric, the name of an expression) is left empty.
 */
export function filledIn(label: string, { label: own, source }: Series): string {
  return label.replaceAll(PLACEHOLDER, (_, inside: string) => {
    if (inside === "LABEL") return own;
    const property = propertyIn(inside) ?? "";
    if (!source) return "";
    if (property.startsWith("Dim.")) return source.metric.dimensions[property.slice("Dim.".length)] ?? "";
    return PROPERTIES[property]?.(source) ?? "";
  });
}

function propertyIn(inside: string): string | undefined {
  return /^PROP\('([^']+)'\)$/.exec(inside)?.[1];
}
