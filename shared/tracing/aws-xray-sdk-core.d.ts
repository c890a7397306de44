/** The package has no types for this file of its own. */
declare module "aws-xray-sdk-core/dist/lib/env/aws_lambda.js" {
  const lambdaEnvironment: {
    /** Makes the facade of Lambda's own segment the context's segment. */
    init(): void;
  };
  export default lambdaEnvironment;
}
