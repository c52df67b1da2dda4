interface Refusal {
  readonly why: string;
  readonly set: readonly string[];
  readonly says: RegExp;
  /** Further options of helm. */
  readonly by?: readonly string[];
}

/** On top of the values with everything on. `by` skips the schema where the template must hold by itself. */
export const refusals: readonly Refusal[] = [
  { why: 'HPA and KEDA', set: ['processor.autoscaling.enabled=true'], says: /would both set the replicas/ },
  {
    why: 'more replicas than partitions',
    set: ['processor.keda.maxReplicas=25'],
    says: /only 24 partitions/,
  },
  { why: 'scale to zero, by the schema', set: ['processor.keda.minReplicas=0'], says: /minReplicas/ },
  {
    why: 'scale to zero, without the schema',
    set: ['processor.keda.minReplicas=0'],
    says: /nobody makes the retries/,
    by: ['--skip-schema-validation'],
  },
  { why: 'an unknown value', set: ['processor.replicaCount=3'], says: /replicaCount/ },
  { why: 'an unknown field of a service', set: ['processor.config.retryMax=3'], says: /retryMax/ },
  { why: 'a field out of its range', set: ['processor.config.retryMaxAttempts=0'], says: /retryMaxAttempts/ },
  { why: 'a shared field in one service', set: ['producer.config.topicPrefix=x'], says: /topicPrefix/ },
  {
    why: 'a name that no Service can have',
    set: ['fullnameOverride=My_App'],
    says: /cannot be the name of a Service/,
  },
  {
    why: 'a label of the chart',
    set: ['processor.podLabels.app\\.kubernetes\\.io/name=x'],
    says: /the chart sets app\.kubernetes\.io\/name itself/,
  },
  {
    why: 'a label twice',
    set: ['commonLabels.team=a', 'producer.podLabels.team=b'],
    says: /team is given twice/,
  },
  { why: 'no brokers', set: ['kafka.brokers=null'], says: /kafka\.brokers is needed/ },
  {
    why: 'two scrapes of every pod',
    set: ['metrics.podMonitor.enabled=true'],
    says: /scrape every pod twice/,
  },
  {
    why: 'a login without a secret',
    set: ['strimzi.users.enabled=false', 'kafka.sasl.mechanism=plain'],
    says: /needs existingSecret/,
  },
  { why: 'Strimzi without a cluster', set: ['strimzi.clusterName='], says: /strimzi\.clusterName is needed/ },
  {
    why: 'a variable twice',
    set: [
      'processor.extraEnv[0].name=A',
      'processor.extraEnv[0].value=1',
      'processor.extraEnv[1].name=A',
      'processor.extraEnv[1].value=2',
    ],
    says: /A is given twice/,
  },
];
