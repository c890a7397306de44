/** How times, amounts and names are written on the page. All times are UTC, as AWS's. */

/** `12:04:31` */
export const clockTime = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** `12:04` */
export const minuteOf = (at: number): string => new Date(at).toISOString().slice(11, 16);

/** `21 Nov 2026` */
export function dateOf(at: number): string {
  const [, day, month, year] = new Date(at).toUTCString().split(" ");
  return `${Number(day)} ${month} ${year}`;
}

/** Three figures at most below a minute, then whole minutes and hours: `8 ms`, `1.24 s`, `3 min`, `2 h 5 min`. */
export function span(ms: number): string {
  if (ms < 1) return ms > 0 ? "< 1 ms" : "0 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(3))} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** `1,204`; up to two decimals. */
export const figure = (value: number): string => value.toLocaleString("en-GB", { maximumFractionDigits: 2 });

/** `2.4 kB` */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const step = Math.min(units.length - 1, value > 0 ? Math.floor(Math.log10(value) / 3) : 0);
  return `${Number((value / 1000 ** step).toPrecision(3))} ${units[step]}`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** `1 record`, `2 records` */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${figure(count)} ${count === 1 ? one : several}`;

/** A function's name without the service and the stage: `reflex-dev-reshard-streams` is `reshard-streams`. */
export const functionName = (name: string): string => name.replace(/^reflex-[a-z0-9]+-/, "");
