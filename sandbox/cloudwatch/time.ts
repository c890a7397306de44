/** CloudWatch's own way with times in alarm messages: `2026-11-21T10:43:00.123+0000`. */
export function awsTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "+0000");
}
