import { Misconfigured } from "../lambda/errors.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longer is a slip of a finger: nothing here waits for a year. */
const LONGEST_MS = 365 * 86_400_000;

/** `"90s"`, `"10m"`, `"1h30m"`, `"2d"` in milliseconds. Throws `Misconfigured` with what was found and what was expected. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Misconfigured(`found "${text}", expected a duration such as "90s", "10m" or "1h30m"`);
  }
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
  if (ms > LONGEST_MS) throw new Misconfigured(`found "${text}", expected a duration of at most 365d`);
  return ms;
}

/** `42 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
