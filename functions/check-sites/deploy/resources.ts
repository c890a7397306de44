// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.

import { readSecrets } from "../../../shared/cloudformation/read-secrets.ts";
import { arnOf, type Resource, type Template } from "../../../shared/cloudformation/resource.ts";
import { functionRole, logAndTrace, notifyAndDeadLetter } from "../../../shared/cloudformation/role.ts";
import { bucketPolicy } from "../../../shared/cloudformation/tls-only.ts";
import type { SecretRef } from "../../../shared/secrets/secret-ref.ts";
import type { Sites, StatusPage } from "../config/sites.ts";
import { secretRefs } from "../secrets/resolve-secrets.ts";

/**
 * What check-sites needs in CloudFormation; the status page and the right to read secrets only when used.
 * @param others secrets that are not of a site
 */
export function templateFor(sites: Sites, stage: string, others: readonly SecretRef[] = []): Template {
  const hasPage = sites.statusPage !== undefined;
  const refs = [...sites.list.flatMap(secretRefs), ...others];
  return {
    Resources: {
      SitesTable: sitesTable(stage),
      CheckSitesRole: role(stage, refs, sites),
      ...(sites.statusPage && statusPage(stage, sites.statusPage)),
    },
    ...(hasPage && {
      Outputs: {
        StatusPageUrl: {
          Description: "The sites' status page",
          Value: { "Fn::Sub": "https://${StatusPageDistribution.DomainName}/" },
        },
      },
    }),
  };
}

/** One item a site: its state, its history, its outbox. It may be lost: then the state starts over. */
function sitesTable(stage: string): Resource {
  return {
    Type: "AWS::DynamoDB::Table",
    Properties: {
      TableName: `reflex-${stage}-sites`,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    },
  };
}

/** The function in another region that confirms failures for this one. */
function confirmFunctionArn(region: string, stage: string): Resource {
  const name = `reflex-${stage}-confirm-sites-for-\${AWS::Region}`;
  return { "Fn::Sub": `arn:\${AWS::Partition}:lambda:${region}:\${AWS::AccountId}:function:${name}` };
}

function role(
  stage: string,
  refs: readonly SecretRef[],
  { statusPage, confirmFrom }: Pick<Sites, "statusPage" | "confirmFrom">,
): Resource {
  return functionRole("check-sites", [
    {
      sid: "KeepStates",
      actions: ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
      on: [arnOf("SitesTable")],
    },
    { sid: "ReadTheLedger", actions: ["dynamodb:GetItem", "dynamodb:Query"], on: [arnOf("LedgerTable")] },
    ...readSecrets(refs),
    {
      sid: "WriteStatusPage",
      actions: ["s3:PutObject"],
      on: statusPage ? [{ "Fn::Sub": "${StatusPageBucket.Arn}/*" }] : [],
    },
    {
      sid: "AskOtherRegions",
      actions: ["lambda:InvokeFunction"],
      on: confirmFrom.map((region) => confirmFunctionArn(region, stage)),
    },
    ...notifyAndDeadLetter(),
    ...logAndTrace(`reflex-${stage}-check-sites`),
  ]);
}

/** AWS's own policies by their ids, the same in every account. */
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03";

/** A private bucket that only its own CloudFront distribution may read. */
function statusPage(stage: string, { domain }: StatusPage): Record<string, Resource> {
  return {
    StatusPageBucket: pageBucket(stage),
    StatusPageBucketPolicy: bucketPolicy("StatusPageBucket", {
      Sid: "OnlyTheDistributionReads",
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: { "Fn::Sub": "${StatusPageBucket.Arn}/*" },
      Condition: {
        StringEquals: {
          "AWS:SourceArn": {
            // CloudFront is in no region.
            "Fn::Sub":
              "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${StatusPageDistribution}",
          },
        },
      },
    }),
    StatusPageAccess: pageAccess(stage),
    StatusPageDistribution: distribution(stage, domain),
  };
}

/** CloudFormation deletes no bucket that has something in it: scripts/serverless/delete-buckets.cjs does. */
const pageBucket = (stage: string): Resource => ({
  Type: "AWS::S3::Bucket",
  DeletionPolicy: "RetainExceptOnCreate",
  UpdateReplacePolicy: "Retain",
  Metadata: { AfterTheStack: "Delete" },
  Properties: {
    // upload.ts puts the same name together.
    BucketName: { "Fn::Sub": `reflex-${stage}-status-\${AWS::Region}-\${AWS::AccountId}` },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  },
});

/** How CloudFront signs what it asks the bucket for. */
const pageAccess = (stage: string): Resource => ({
  Type: "AWS::CloudFront::OriginAccessControl",
  Properties: {
    OriginAccessControlConfig: {
      // Their names are unique in the account, over all regions.
      Name: { "Fn::Sub": `reflex-${stage}-status-\${AWS::Region}` },
      OriginAccessControlOriginType: "s3",
      SigningBehavior: "always",
      SigningProtocol: "sigv4",
    },
  },
});

/** What visitors see, by your own domain or by CloudFront's. */
const distribution = (stage: string, domain: StatusPage["domain"]): Resource => ({
  Type: "AWS::CloudFront::Distribution",
  Properties: {
    DistributionConfig: {
      Comment: `Status page of reflex ${stage}`,
      Enabled: true,
      DefaultRootObject: "index.html",
      ...(domain && {
        Aliases: [domain.name],
        ViewerCertificate: {
          AcmCertificateArn: domain.certificateArn,
          SslSupportMethod: "sni-only",
          MinimumProtocolVersion: "TLSv1.2_2021",
        },
      }),
      HttpVersion: "http2and3",
      IPV6Enabled: true,
      PriceClass: "PriceClass_100",
      Origins: [
        {
          Id: "bucket",
          DomainName: { "Fn::GetAtt": ["StatusPageBucket", "RegionalDomainName"] },
          OriginAccessControlId: { "Fn::GetAtt": ["StatusPageAccess", "Id"] },
          S3OriginConfig: { OriginAccessIdentity: "" },
        },
      ],
      DefaultCacheBehavior: {
        TargetOriginId: "bucket",
        ViewerProtocolPolicy: "redirect-to-https",
        Compress: true,
        CachePolicyId: CACHING_OPTIMIZED,
        ResponseHeadersPolicyId: SECURITY_HEADERS,
      },
    },
  },
});
