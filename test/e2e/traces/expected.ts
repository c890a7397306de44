/** What each scene's trace is, to the last call; docs/tracing.md shows the same. tree.ts says how it is written. */
export const EXPECTED = {
  "a stream is resharded": `
reflex-dev-reshard-streams
  reflex-dev-reshard-streams
    run { alarm=reflex-dev-stream-orders, requestId, trigger=alarm }
      DynamoDB PutItem
      observe { resource=stream/orders }
        CloudWatch GetMetricData
        DynamoDB Query
        Kinesis DescribeStreamSummary
        Kinesis ListShards
      decide { alarm=reflex-dev-stream-orders, decision=scale-out, reason, resource=stream/orders, trigger=alarm }
      act { changed, decision=scale-out, resource=stream/orders }
        DynamoDB GetItem
        DynamoDB PutItem
        DynamoDB UpdateItem × 2
        Kinesis UpdateShardCount
      keep { resource=stream/orders }
      keep { resource=stream/orders }
        DynamoDB PutItem × 2
      notify { notified, resource=stream/orders, severity }
        DynamoDB UpdateItem
        SNS Publish
`,

  "streams are swept": `
reflex-dev-reshard-streams
  reflex-dev-reshard-streams
    run { requestId, trigger=schedule }
      DynamoDB PutItem × 3
      sweep { streams }
        CloudWatch DescribeAlarms
        DynamoDB Query
        Kinesis ListStreams
      observe { resource=stream/orders stream/sample stream/events }
        CloudWatch GetMetricData
        DynamoDB Query × 3
        Kinesis DescribeStreamSummary × 3
        Kinesis ListShards × 3
      decide { decision=on-target, reason, resource=stream/events, trigger=schedule }
      decide { decision=on-target, reason, resource=stream/sample, trigger=schedule }
      decide { decision=updating, reason, resource=stream/orders, trigger=schedule }
      keep { resource=stream/events }
      keep { resource=stream/events }
        DynamoDB PutItem
      keep { resource=stream/events }
        DynamoDB PutItem × 2
      keep { resource=stream/orders }
      keep { resource=stream/orders }
        DynamoDB PutItem
      keep { resource=stream/orders }
        DynamoDB PutItem × 2
      keep { resource=stream/orders }
        DynamoDB UpdateItem
      keep { resource=stream/sample }
      keep { resource=stream/sample }
        DynamoDB PutItem
      keep { resource=stream/sample }
        DynamoDB PutItem × 2
      notify
        DynamoDB Query
`,

  "sites are checked": `
reflex-dev-check-sites
  reflex-dev-check-sites
    run { requestId, trigger=schedule }
      DynamoDB BatchGetItem
      DynamoDB GetItem
      DynamoDB UpdateItem
      observe
        DynamoDB BatchGetItem
        SSM GetParameters
        SecretsManager GetSecretValue
      probe { sites }
        127.0.0.1 { down, reason, site=down, timeMs, verdict=DOWN } FAULT
        127.0.0.1 { site=shop, timeMs, verdict=UP }
        127.0.0.1 { site=teapot, timeMs, verdict=UP }
      keep { changes }
        DynamoDB BatchGetItem
        DynamoDB UpdateItem × 4
      notify { changes, notified, resource=site/down, severity }
        DynamoDB UpdateItem
        SNS Publish
      status page
        DynamoDB BatchGetItem
        S3 PutObject × 9
`,

  "records are landed": `
reflex-dev-ingest-events
  reflex-dev-ingest-events
    run { requestId, trigger=kinesis }
      decode { events, poison, producers, records, resource=stream/events, shard }
      plan { keys, poison, resource=stream/events }
      write { conflicts, duplicates, resource=stream/events, retries, stored, superseded, table, unfinished }
        DynamoDB BatchExecuteStatement
      quarantine { notQuarantined, quarantined, reason, resource=stream/events } × 2
        SQS SendMessageBatch
      report { from, resource=stream/events, unfinished }
`,

  "a node pool grows": `
reflex-dev-scale-node-pools
  reflex-dev-scale-node-pools
    run { requestId, trigger=manual }
      observe { resource=node-pool/workers }
        AutoScaling DescribeAutoScalingGroups
        AutoScaling DescribeInstanceRefreshes × 2
        AutoScaling DescribeScalingActivities × 2
        DynamoDB GetItem
        DynamoDB Query
        EKS DescribeCluster
        kubernetes/main list csinodes { cluster=main }
        kubernetes/main list daemonsets { cluster=main }
        kubernetes/main list namespaces { cluster=main }
        kubernetes/main list nodes { cluster=main } × 2
        kubernetes/main list persistentvolumeclaims { cluster=main }
        kubernetes/main list persistentvolumes { cluster=main }
        kubernetes/main list poddisruptionbudgets { cluster=main }
        kubernetes/main list pods { cluster=main } × 2
        kubernetes/main list storageclasses { cluster=main }
      decide { pools }
      decided { decision=scale-out, reason, resource=node-pool/workers }
      act { changed, decision=scale-out, resource=node-pool/workers }
        AutoScaling SetDesiredCapacity
        DynamoDB GetItem
        DynamoDB PutItem
        DynamoDB UpdateItem × 2
      keep
        DynamoDB PutItem
      keep { resource=node-pool/workers }
      keep { resource=node-pool/workers }
        DynamoDB PutItem × 2
      notify { notified, resource=node-pool/workers, severity }
        DynamoDB UpdateItem
        SNS Publish
`,

  "a node is drained": `
reflex-dev-drain-nodes
  reflex-dev-drain-nodes
    run { requestId, trigger=order }
      observe
        AutoScaling DescribeAutoScalingGroups
        AutoScaling DescribeAutoScalingInstances
        AutoScaling DescribeInstanceRefreshes × 2
        DynamoDB GetItem × 2
        DynamoDB PutItem
        DynamoDB Query × 2
        DynamoDB UpdateItem × 2
        EKS DescribeCluster
        kubernetes/main get nodes { cluster=main }
        kubernetes/main list nodes { cluster=main } × 2
        kubernetes/main list pods { cluster=main }
        act { decision=mark, reason, resource }
          kubernetes/main patch nodes { cluster=main }
      drain { decision=draining, reason, resource }
        observe
          kubernetes/main get nodes { cluster=main }
          kubernetes/main list pods { cluster=main }
        decide { decision=evict, resource }
        act
          kubernetes/main create pods/eviction { answer=429 TooManyRequests, cluster=main } × 2
          kubernetes/main create pods/eviction { cluster=main }
`,

  "a termination is asked for": `
reflex-dev-termination-policy
  reflex-dev-termination-policy
    run { reason, requestId, resource=auto-scaling-group/workers-a, trigger=termination-policy }
      observe
        EKS DescribeCluster
        kubernetes/main list nodes { cluster=main }
        kubernetes/main list pods { cluster=main }
      decide { decision=none }
`,

  "a drained node is ended": `
reflex-dev-drain-nodes
  reflex-dev-drain-nodes
    run { requestId, trigger=schedule }
      observe
        AutoScaling DescribeAutoScalingInstances
        DynamoDB GetItem × 2
        DynamoDB PutItem
        kubernetes/main list nodes { cluster=main } × 2
        keep { resource=cluster/main }
          DynamoDB GetItem
      drain { decision=finished, reason, resource }
        observe
          kubernetes/main get nodes { cluster=main }
          kubernetes/main list pods { cluster=main }
        decide { decision=finish, resource }
        act
          AutoScaling DescribeAutoScalingGroups
          AutoScaling DescribeAutoScalingInstances
          AutoScaling DescribeInstanceRefreshes × 2
          AutoScaling TerminateInstanceInAutoScalingGroup
          DynamoDB GetItem
          DynamoDB PutItem
          DynamoDB Query
          DynamoDB UpdateItem × 2
          kubernetes/main patch nodes { answer=409 Conflict, cluster=main }
          kubernetes/main patch nodes { cluster=main }
      notify
        DynamoDB Query
`,

  "a node pool shrinks": `
reflex-dev-scale-node-pools
  reflex-dev-scale-node-pools
    run { requestId, trigger=schedule }
      observe { resource=node-pool/workers }
        AutoScaling DescribeAutoScalingGroups
        AutoScaling DescribeInstanceRefreshes × 2
        AutoScaling DescribeScalingActivities × 2
        DynamoDB GetItem
        DynamoDB Query
        kubernetes/main list csinodes { cluster=main }
        kubernetes/main list daemonsets { cluster=main }
        kubernetes/main list namespaces { cluster=main }
        kubernetes/main list nodes { cluster=main } × 2
        kubernetes/main list persistentvolumeclaims { cluster=main }
        kubernetes/main list persistentvolumes { cluster=main }
        kubernetes/main list poddisruptionbudgets { cluster=main }
        kubernetes/main list pods { cluster=main } × 2
        kubernetes/main list storageclasses { cluster=main }
      decide { pools }
      decided { decision=scale-in, reason, resource=node-pool/workers }
      act { changed, decision=scale-in, resource=node-pool/workers }
        DynamoDB GetItem
        DynamoDB PutItem
        DynamoDB UpdateItem × 2
        Lambda Invoke
          reflex-dev-drain-nodes
            reflex-dev-drain-nodes
              run { requestId, trigger=order }
                observe
                  AutoScaling DescribeAutoScalingGroups
                  AutoScaling DescribeAutoScalingInstances
                  AutoScaling DescribeInstanceRefreshes × 2
                  DynamoDB GetItem × 2
                  DynamoDB PutItem
                  DynamoDB Query × 2
                  DynamoDB UpdateItem × 2
                  kubernetes/main get nodes { cluster=main }
                  kubernetes/main list nodes { cluster=main } × 2
                  kubernetes/main list pods { cluster=main }
                  act { decision=mark, reason, resource }
                    kubernetes/main patch nodes { cluster=main }
                drain { decision=finished, reason, resource }
                  observe
                    kubernetes/main get nodes { cluster=main }
                    kubernetes/main list pods { cluster=main }
                  decide { decision=finish, resource }
                  act
                    AutoScaling DescribeAutoScalingGroups
                    AutoScaling DescribeAutoScalingInstances
                    AutoScaling DescribeInstanceRefreshes × 2
                    AutoScaling TerminateInstanceInAutoScalingGroup
                    DynamoDB GetItem
                    DynamoDB PutItem
                    DynamoDB Query
                    DynamoDB UpdateItem × 2
                    kubernetes/main patch nodes { answer=409 Conflict, cluster=main }
                    kubernetes/main patch nodes { cluster=main }
      keep { resource=node-pool/workers }
      keep { resource=node-pool/workers }
        DynamoDB PutItem × 2
      notify { notified, resource=node-pool/workers, severity }
        DynamoDB Query
        DynamoDB UpdateItem
        SNS Publish
`,

  "a call fails": `
reflex-dev-reshard-streams
  reflex-dev-reshard-streams
    run { alarm=reflex-dev-stream-events, requestId, trigger=alarm }
      observe { resource=stream/events }
        CloudWatch GetMetricData
        DynamoDB Query
        Kinesis DescribeStreamSummary
        Kinesis ListShards FAULT
      decide { class=RetryLater, resource=stream/events } FAULT
      keep { resource=stream/events }
        DynamoDB GetItem
        DynamoDB UpdateItem
`,
} as const;

export type SceneName = keyof typeof EXPECTED;

/** The same of what only a config with `confirmFrom` has: check-sites-regions.test.ts plays it. */
export const EXPECTED_ELSEWHERE = {
  "a failure is confirmed from other regions": `
reflex-dev-check-sites
  reflex-dev-check-sites
    run { requestId, trigger=schedule }
      DynamoDB GetItem
      observe
        DynamoDB BatchGetItem
      probe { sites }
        127.0.0.1 { down, reason, site=home-only, timeMs, verdict=DOWN } FAULT
        127.0.0.1 { site=everywhere, timeMs, verdict=UP }
        127.0.0.1 { site=guarded, timeMs, verdict=UP }
        127.0.0.1 { site=trusted, timeMs, verdict=UP }
        127.0.0.1 { site=unreachable, timeMs, verdict=UP }
      confirm { sites }
        Lambda Invoke × 2
          reflex-dev-confirm-sites-for-us-east-1
            reflex-dev-confirm-sites-for-us-east-1
              run { requestId }
                probe { sites }
                  127.0.0.1 { down, reason, site=home-only, timeMs, verdict=DOWN } FAULT
      keep { changes }
        DynamoDB BatchGetItem
        DynamoDB UpdateItem × 6
      notify { changes, notified, resource=site/home-only, severity }
        DynamoDB UpdateItem
        SNS Publish
`,
} as const;
