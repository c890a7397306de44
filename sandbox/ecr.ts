import type { Service } from "./service.ts";
import { answer } from "./wire/answer.ts";
import { AwsError } from "./wire/error.ts";

/** ECR without any repository: `serverless remove` asks whether there is one to remove. */
export function createEcr(): Service {
  const service = {
    name: "ECR",
    operations: {
      DescribeRepositories: () => {
        throw new AwsError("RepositoryNotFoundException", "The sandbox has no repositories.");
      },
    },
    xmlNamespace: "",
  };
  return { signingNames: ["ecr"], handle: (request) => answer(service, request) };
}
