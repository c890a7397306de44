import { ACCOUNT_ID, type ResourceType } from "./service.ts";

/**
 * Resources that are knowingly accepted without anything behind them: they have a name and an ARN, and
 * nothing in the sandbox depends on more.
 */
export const acceptedIn = (region: string): Readonly<Record<string, ResourceType>> => ({
  // A button of a chat, which the sandbox does not have.
  "AWS::Chatbot::CustomAction": async (logicalId, { ActionName }) => {
    const name = typeof ActionName === "string" ? ActionName : logicalId;
    const arn = `arn:aws:chatbot::${ACCOUNT_ID}:custom-action/${name}`;
    return { ref: arn, attributes: { CustomActionArn: arn } };
  },
  // What functions log goes to the sandbox's own log; its retention is the sandbox's life.
  "AWS::Logs::LogGroup": async (logicalId, { LogGroupName }) => {
    const name = typeof LogGroupName === "string" ? LogGroupName : logicalId;
    return {
      ref: name,
      attributes: { Arn: `arn:aws:logs:${region}:${ACCOUNT_ID}:log-group:${name}:*` },
    };
  },
});
