import { readSecrets } from "../../../shared/cloudformation/read-secrets.ts";
import { arnOf, type Resource } from "../../../shared/cloudformation/resource.ts";
import { functionRole, logAndTrace } from "../../../shared/cloudformation/role.ts";
import type { NotifyConfig } from "../../../shared/routes/routes.ts";

/** The role, and the buttons for a chat where the config asks for them. The URL stands in function.yml. */
export function resourcesFor({ approvals }: NotifyConfig, stage: string): Record<string, Resource> {
  return {
    ApproveChangesRole: functionRole("approve-changes", [
      {
        sid: "KeepAnswers",
        actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
        on: [arnOf("LedgerTable")],
      },
      ...readSecrets(approvals ? [approvals.secret] : []),
      ...logAndTrace(`reflex-${stage}-approve-changes`),
    ]),
    ...(approvals?.chatActions && {
      ApproveAction: customAction(stage, "approve", "Approve"),
      RejectAction: customAction(stage, "reject", "Reject"),
    }),
  };
}

/**
 * A button of Amazon Q Developer in chat applications: it is shown at notifications that ask, and invokes the function with
 * the request's id. The command takes at most 100 characters, so what is long comes from the notification.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-actions.html
 */
function customAction(stage: string, said: "approve" | "reject", ButtonText: string): Resource {
  return {
    Type: "AWS::Chatbot::CustomAction",
    Properties: {
      ActionName: `reflex-${stage}-${said}`,
      Definition: {
        CommandText: `lambda invoke --function-name $function --payload {"${said}":"$request"} --region $region`,
      },
      Attachments: [
        {
          NotificationType: "Custom",
          ButtonText,
          Criteria: [
            { Operator: "EQUALS", VariableName: "eventType", Value: "reflex-ask" },
            { Operator: "HAS_VALUE", VariableName: "request" },
          ],
          Variables: {
            eventType: "event.metadata.eventType",
            request: "event.metadata.additionalContext.request",
            function: "event.metadata.additionalContext.function",
            region: "event.metadata.additionalContext.region",
          },
        },
      ],
    },
  };
}
