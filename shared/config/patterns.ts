/**
 * Names in a config may be patterns, in which `*` stands for any characters, also none. A resource that is
 * created later and matches is managed without a deploy.
 */
export function isPattern(name: string): boolean {
  return name.includes("*");
}

/** The entry for `name`: its own if there is one, else that of the first pattern in the file that matches. */
export function entryFor<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  if (Object.hasOwn(entries, name)) return entries[name];
  const pattern = Object.keys(entries).find((key) => isPattern(key) && matchesPattern(key, name));
  return pattern === undefined ? undefined : entries[pattern];
}

/**
 * Whether `name` is one of those that `pattern` stands for; of another pattern, whether all of its names are.
 * Compared piece by piece between the stars, so that no pattern can be slow: the first piece must begin the
 * name, the last must end it, and those between must follow one another.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const pieces = pattern.split("*");
  const first = pieces.shift() ?? "";
  const last = pieces.pop() ?? "";
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last))
    return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const piece of pieces) {
    const found = name.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
