/** A reshard keeps shards open for a while after its call; what a call has begun is over by then. */
const SETTLED_MS = 60_000;
/** So often it is read all the same, whatever was missed. */
const QUIET_READ_MS = 30_000;

/** Times on the sandbox's clock, ms. */
export interface StreamTimes {
  readonly now: number;
  /** When records were last put into a stream. */
  readonly writtenAt: number;
  /** When a stream was last made, deleted or changed. */
  readonly changedAt: number;
  /** When the last read to the stream's end began. */
  readonly readAt: number;
}

/**
 * Whether a stream that was read to its end need not be read again yet. Lambda does read it, once a second, and finds
 * nothing; here each of those reads takes as much real time as a minute of the rest.
 */
export const isQuiet = ({ now, writtenAt, changedAt, readAt }: StreamTimes): boolean =>
  writtenAt < readAt && now - changedAt > SETTLED_MS && now - readAt < QUIET_READ_MS;
