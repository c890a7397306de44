import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { inCalls } from "../../shared/aws/in-calls.ts";

/** A message is in hand at most so long; then another redrive may take it. */
const VISIBILITY_SECONDS = 300;
const MOST_A_CALL = 10;
const RELEASES_AT_ONCE = 20;

/**
 * One pass over a queue: no message is handed out twice, and what is left is shown again at the end, for the next
 * redrive.
 */
export class QueuePass {
  readonly #sqs: SQSClient;
  readonly #url: string;
  readonly #handles = new Map<string, string>();
  readonly #kept = new Set<string>();

  constructor(sqs: SQSClient, url: string) {
    this.#sqs = sqs;
    this.#url = url;
  }

  /** Messages looked at so far. */
  get looked(): number {
    return this.#handles.size;
  }

  /** Up to ten messages that this pass has not seen; none when the queue is at its end, or begins to repeat itself. */
  async next(most: number): Promise<readonly Message[]> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#url,
        MaxNumberOfMessages: Math.min(MOST_A_CALL, most),
        VisibilityTimeout: VISIBILITY_SECONDS,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["SentTimestamp"],
      }),
    );
    const fresh = Messages.filter(({ MessageId = "" }) => !this.#handles.has(MessageId));
    for (const { MessageId = "", ReceiptHandle = "" } of Messages) {
      this.#handles.set(MessageId, ReceiptHandle);
      this.#kept.add(MessageId);
    }
    return fresh;
  }

  async delete({ MessageId = "" }: Message): Promise<void> {
    const ReceiptHandle = this.#handles.get(MessageId) ?? "";
    await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle }));
    this.#kept.delete(MessageId);
  }

  /** Shows what was left again: only now, or this pass would be given it again. */
  async release(): Promise<void> {
    const handles = [...this.#kept].map((id) => this.#handles.get(id) ?? "");
    for (const some of inCalls(handles, RELEASES_AT_ONCE)) {
      await Promise.all(some.map((handle) => this.#show(handle)));
    }
  }

  #show(ReceiptHandle: string): Promise<unknown> {
    return this.#sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: this.#url, ReceiptHandle, VisibilityTimeout: 0 }),
    );
  }
}
