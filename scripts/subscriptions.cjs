const { configOf } = require("./config-of-stage.cjs");

/** One mail subscription for each address under `notify` in the config. */
module.exports = configOf(({ notify }) => ({
  Resources: Object.fromEntries(
    notify.emails.map((Endpoint, at) => [
      `NotifyMail${at}`,
      {
        Type: "AWS::SNS::Subscription",
        Properties: { TopicArn: { Ref: "NotifyTopic" }, Protocol: "email", Endpoint },
      },
    ]),
  ),
}));
