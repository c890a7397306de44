/** Whether some text matches both patterns; `*` stands for any text in either. */
export function patternsMeet(one: string, other: string): boolean {
  if (one === "" || other === "") return `${one}${other}`.replaceAll("*", "") === "";
  if (one[0] === "*") return patternsMeet(one.slice(1), other) || patternsMeet(one, other.slice(1));
  if (other[0] === "*") return patternsMeet(other, one);
  return one[0] === other[0] && patternsMeet(one.slice(1), other.slice(1));
}

/** Whether some resource matches both: part by part, as no `*` reaches past a colon before the resource's own name. */
export function arnsMeet(one: string, other: string): boolean {
  if (one === "*" || other === "*") return true;
  const others = partsOf(other);
  return partsOf(one).every((part, at) => patternsMeet(part, others[at] ?? ""));
}

/** Partition, service, region, account; the rest is the name. */
function partsOf(arn: string): readonly string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}
