const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

/** In the order they stand in; days of the week count from 1 = SUN. */
const MINUTE: Field = { name: "minutes", from: 0, to: 59 };
const HOUR: Field = { name: "hours", from: 0, to: 23 };
const DAY_OF_MONTH: Field = { name: "day of month", from: 1, to: 31 };
const MONTH: Field = { name: "month", from: 1, to: 12, names: MONTHS };
const DAY_OF_WEEK: Field = { name: "day of week", from: 1, to: 7, names: DAYS };
const YEAR: Field = { name: "year", from: 1970, to: 2199 };

const DAY_MS = 86_400_000;

/** The longest gap between two 29ths of February is eight years (2096 to 2104). */
const LOOK_AHEAD_DAYS = 8 * 366 + 1;

/**
 * Reads the inside of `cron(…)`. L, W and # are not simulated and refused.
 *
 * @param refused makes the error of an expression that cannot be read
 * @returns the first time after a given one, ms since the epoch; undefined where there is none any more
 */
export function parseCron(
  inside: string,
  refused: (why: string) => Error,
): (after: number) => number | undefined {
  const parts = inside.trim().split(/\s+/);
  if (parts.length !== 6) throw refused(`found ${parts.length} fields, expected 6`);
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = parts;
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw refused("exactly one of day of month and day of week must be ?");
  }
  const read = (field: Field, text: string) => readField(field, text, refused);
  const minutes = read(MINUTE, minute);
  const hours = read(HOUR, hour);
  const months = read(MONTH, month);
  const years = read(YEAR, year);
  const daysOfMonth = dayOfMonth === "?" ? undefined : read(DAY_OF_MONTH, dayOfMonth);
  const daysOfWeek = dayOfWeek === "?" ? undefined : read(DAY_OF_WEEK, dayOfWeek);

  function isDue(day: Date): boolean {
    if (!years.has(day.getUTCFullYear()) || !months.has(day.getUTCMonth() + 1)) return false;
    return daysOfMonth ? daysOfMonth.has(day.getUTCDate()) : daysOfWeek?.has(day.getUTCDay() + 1) === true;
  }

  return (after) => {
    const firstDay = Math.floor(after / DAY_MS) * DAY_MS;
    for (let i = 0; i <= LOOK_AHEAD_DAYS; i += 1) {
      const day = firstDay + i * DAY_MS;
      if (!isDue(new Date(day))) continue;
      for (const hour of hours) {
        for (const minute of minutes) {
          const at = day + (hour * 60 + minute) * 60_000;
          if (at > after) return at;
        }
      }
    }
    return undefined;
  };
}

/** The values of `*`, `5`, `1-5`, `MON-FRI`, `0/15`, `1-31/2` and lists of these, in order. */
function readField(field: Field, text: string, refused: (why: string) => Error): Set<number> {
  const values = new Set<number>();
  for (const part of text.toUpperCase().split(",")) {
    const [, range = "", step] = part.match(/^([^/]+)(?:\/(\d+))?$/) ?? [];
    const [from, to] = bounds(range, step !== undefined);
    const by = step === undefined ? 1 : Number(step);
    if (from === undefined || to === undefined || from < field.from || to > field.to || from > to || by < 1) {
      throw refused(`${field.name} "${part}" is not of the forms the sandbox reads`);
    }
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return new Set([...values].sort((a, b) => a - b));

  function bounds(range: string, stepped: boolean): (number | undefined)[] {
    if (range === "*") return [field.from, field.to];
    const ends = range.split("-");
    if (ends.length > 2) return [];
    const [first, last] = ends.map(numberOf);
    if (ends.length === 2) return [first, last];
    return [first, stepped ? field.to : first];
  }

  function numberOf(text: string): number | undefined {
    const place = field.names?.indexOf(text) ?? -1;
    if (place >= 0) return field.from + place;
    return /^\d+$/.test(text) ? Number(text) : undefined;
  }
}
