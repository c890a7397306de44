/** What a notification says of the occasion, beside the decision. */
export interface Occasion {
  readonly id: string;
  /** ms since the epoch. */
  readonly now: number;
  readonly trigger: string;
  readonly traceId?: string | undefined;
  /** Whether the decision was carried out; in `mode: observe` it was not. */
  readonly acted: boolean;
}
