import { ACCOUNT_ID, type Service } from "../service.ts";
import { answer } from "../wire/answer.ts";

/** STS, as far as deploy tools ask who they are. */
export function createSts(): Service {
  const service = {
    name: "STS",
    operations: {
      GetCallerIdentity: () => ({
        Arn: `arn:aws:iam::${ACCOUNT_ID}:root`,
        UserId: ACCOUNT_ID,
        Account: ACCOUNT_ID,
      }),
    },
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  };
  return { signingNames: ["sts"], handle: (request) => answer(service, request) };
}
