/** For the clients of scripts: the region as serverless.yml finds it; credentials and endpoint as the SDK does. */
export function awsOfStage(): { readonly region: string } {
  return { region: process.env.AWS_REGION ?? "us-east-1" };
}
