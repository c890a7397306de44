/** What a query of CloudWatch Logs Insights says besides fields. */
const WORDS = new Set(
  "fields filter stats sort limit by as and or not like in asc desc ispresent max min avg sum count latest".split(
    " ",
  ),
);

/** The queries a page of documentation has, each as it stands in its code block. */
export function queriesIn(page: string): string[] {
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  return blocks.filter((block) => /^(fields|filter) /.test(block));
}

/** The X-Ray filter expressions of a page: each row's question with its expressions. */
export function filtersIn(page: string): [question: string, expression: string][] {
  return [...page.matchAll(/^\| ([^|]+) \| (`[^|]*`[^|]*) \|$/gm)].flatMap(([, question = "", cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, expression = ""]): [string, string][] =>
      /^(annotation\[|service\()/.test(expression) ? [[question, expression]] : [],
    ),
  );
}

/** The fields of our own that a query names. */
export function fieldsIn(query: string): string[] {
  const named = query.replace(/"[^"]*"/g, "").match(/@?[A-Za-z_][\w.]*/g) ?? [];
  return [...new Set(named)].filter((name) => !WORDS.has(name) && !name.startsWith("@"));
}

/** Whether a log line has a field, as Logs Insights finds it in JSON: `records.0.reason`. */
export function hasField(line: unknown, field: string): boolean {
  let value = line;
  for (const key of field.split(".")) {
    if (typeof value !== "object" || value === null) return false;
    value = Reflect.get(value, key);
  }
  return value !== undefined;
}
