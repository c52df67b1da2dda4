// The hand-written part of the schema of the chart's values, in the order of values.yaml. Unknown keys are refused; what Kubernetes
// itself defines is left to its API server.
type Schema = Readonly<Record<string, unknown>>;

export const object = (
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length === 0 ? {} : { required }),
});
const text: Schema = { type: 'string' };
const bool: Schema = { type: 'boolean' };
const map: Schema = { type: 'object' };
const texts: Schema = { type: 'object', additionalProperties: { type: 'string' } };
const list = (items: Schema): Schema => ({ type: 'array', items });
const maps = list(map);
const int = (minimum: number, maximum?: number): Schema => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
const either = (...types: string[]): Schema => ({ type: types });
const orNull = (minimum: number, maximum?: number): Schema => ({
  ...int(minimum, maximum),
  type: ['integer', 'null'],
});
const oneOf = (...values: string[]): Schema => ({ enum: values });
const port = int(1, 65_535);
const ports = list(port);
const named = object({ name: { type: 'string', minLength: 1 }, kind: text }, ['name']);
const reference: Schema = { anyOf: [{ type: 'object', maxProperties: 0 }, named] };

const renderMode = oneOf('skipIfMissing', 'failIfMissing', 'alwaysRender');
const env = list({
  type: 'object',
  properties: { name: { type: 'string', minLength: 1 } },
  required: ['name'],
});
const pdb = object({
  enabled: bool,
  minAvailable: either('integer', 'string', 'null'),
  maxUnavailable: either('integer', 'string', 'null'),
});

interface ServiceSchemas {
  readonly edge: Schema;
  readonly processor: Schema;
  readonly prefix: Schema;
  readonly group: Schema;
  readonly partitions: Schema;
  readonly mechanisms: readonly string[];
  readonly objectives: readonly string[];
}

const kafka = (mechanisms: readonly string[]): Schema =>
  object({
    brokers: list({ type: 'string', pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/\\[\\]]+):[1-9][0-9]{0,4}$' }),
    tls: object({
      ...{ enabled: bool, existingSecret: text, caKey: text, certKey: text, keyKey: text },
      ...{ caExistingSecret: text, servername: text },
    }),
    sasl: object({
      ...{ mechanism: oneOf('', ...mechanisms), existingSecret: text, username: text },
      ...{ usernameKey: text, passwordKey: text, tokenKey: text, awsRegion: text },
      oauth: object({
        ...{ tokenUrl: text, clientId: text, clientSecretKey: text, scope: text, extensions: map },
      }),
    }),
  });

const workload = {
  enabled: bool,
  replicas: orNull(0),
  terminationGracePeriodSeconds: orNull(1),
  pdb,
  strategy: map,
  resources: map,
  startupProbe: map,
  readinessProbe: map,
  livenessProbe: map,
  extraEnv: env,
  extraEnvFrom: maps,
  extraVolumes: maps,
  extraVolumeMounts: maps,
  podAnnotations: texts,
  podLabels: texts,
  nodeSelector: texts,
  tolerations: maps,
  affinity: map,
  topologySpreadConstraints: maps,
  priorityClassName: text,
};

const autoscaling = {
  enabled: bool,
  minReplicas: int(1),
  targetCPUUtilizationPercentage: int(0, 1000),
  metrics: maps,
  behavior: map,
};

const producer = (config: Schema, kafkaValues: Schema): Schema =>
  object({
    ...workload,
    config,
    kafka: kafkaValues,
    tokens: object({ existingSecret: text, key: text }),
    view: object({ enabled: bool, storage: { type: 'string', pattern: '^[0-9]+(Mi|Gi)$' } }),
    operators: object({
      ...{ enabled: bool, existingSecret: text, username: text, usernameKey: text, passwordKey: text },
    }),
    preStopSleepSeconds: int(0, 300),
    service: object({
      type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer'),
      port,
      annotations: texts,
      trafficDistribution: text,
    }),
    ingress: object({
      ...{ enabled: bool, className: text, annotations: texts, tls: maps },
      hosts: list(
        object({ host: text, path: text, pathType: oneOf('Prefix', 'Exact', 'ImplementationSpecific') }, [
          'host',
        ]),
      ),
    }),
    httpRoute: object({
      ...{ enabled: bool, renderMode, apiVersion: text, annotations: texts },
      ...{ parentRefs: maps, hostnames: list(text), timeouts: texts },
    }),
    autoscaling: object({ ...autoscaling, maxReplicas: int(1) }),
  });

const processor = (config: Schema, kafkaValues: Schema, partitions: Schema): Schema => {
  const most = partitions.maximum as number;
  return object({
    ...workload,
    replicas: orNull(0, most),
    config,
    kafka: kafkaValues,
    autoscaling: object({
      ...autoscaling,
      maxReplicas: orNull(1, most),
      backlog: object({ enabled: bool, metricName: text, target: int(1) }),
      dueLag: object({ enabled: bool, metricName: text, target: int(1) }),
    }),
    keda: object({
      ...{
        enabled: bool,
        renderMode,
        apiVersion: text,
        minReplicas: int(1, most),
        maxReplicas: orNull(1, most),
      },
      ...{ pollingInterval: int(1), lagThreshold: int(1), authenticationRef: reference },
      kafkaVersion: { type: 'string', pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+$' },
      prometheus: object({
        ...{ serverAddress: text, authenticationRef: reference },
        ...{ dueRecordsThreshold: int(1), dueOldestSecondsThreshold: int(0) },
      }),
      ...{ fallback: map, triggers: maps, additionalTriggers: maps, annotations: texts },
    }),
  });
};

const monitor = object({
  ...{ enabled: bool, renderMode, interval: text, scrapeTimeout: text, labels: texts },
  ...{ relabelings: maps, metricRelabelings: maps },
});

const metrics = (objectives: ServiceSchemas['objectives']): Schema =>
  object({
    serviceMonitor: monitor,
    podMonitor: monitor,
    prometheusRule: object({
      ...{ enabled: bool, renderMode, labels: texts, runbookBaseUrl: text, additionalGroups: maps },
      objectives: object(Object.fromEntries(objectives.map((o) => [o, { type: 'number', minimum: 0 }]))),
    }),
    dashboards: object({ enabled: bool, namespace: text, labels: texts, annotations: texts }),
  });

/** Of all values. */
export const chartValues = (s: ServiceSchemas): Schema => {
  const kafkaValues = kafka(s.mechanisms);
  const shared = { $ref: '#/definitions/kafka' };
  return {
    definitions: { kafka: kafkaValues },
    ...object({
      ...{ nameOverride: text, fullnameOverride: text, commonLabels: texts, imagePullSecrets: maps },
      global: map,
      image: object({
        ...{ repository: { type: 'string', minLength: 1 }, tag: text },
        digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
        pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
      }),
      kafka: shared,
      schemaRegistry: object({
        ...{ url: { type: 'string', pattern: '^(https?://.+)?$' }, existingSecret: text },
        ...{ usernameKey: text, passwordKey: text },
      }),
      topics: object({
        ...{ prefix: s.prefix, group: s.group, partitions: s.partitions },
        replicationFactor: { anyOf: [{ const: -1 }, int(1, 100)] },
        minInsyncReplicas: int(0, 100),
        wordsMaxBytes: int(1_024, 64 * 1_048_576),
      }),
      init: object({
        ...{ enabled: bool, kafka: shared, backoffLimit: int(0), activeDeadlineSeconds: int(1) },
        ...{ resources: map, extraEnv: env },
      }),
      producer: producer(s.edge, shared),
      processor: processor(s.processor, shared, s.partitions),
      strimzi: object({
        ...{ clusterName: text, apiVersion: text, renderMode, namespace: text },
        topics: object({ enabled: bool, config: map }),
        users: object({ enabled: bool, authentication: oneOf('scram-sha-512', 'tls') }),
      }),
      networkPolicy: object({
        ...{ enabled: bool, ingressFrom: maps, metricsFrom: maps, dnsPorts: ports, dnsTo: maps },
        ...{ brokersTo: maps, brokerPorts: ports, registryTo: maps, otlpPorts: ports, otlpTo: maps },
        ...{ checksTo: maps, extraIngress: maps, extraEgress: maps },
      }),
      metrics: metrics(s.objectives),
      serviceAccount: object({ create: bool, name: text, annotations: texts }),
      ...{ podSecurityContext: map, containerSecurityContext: map },
      tests: object({
        ...{ enabled: bool, kafka: shared, extraEnv: env, resources: map },
        token: object({ existingSecret: text, key: text }),
        timeout: { type: 'string', pattern: '^[0-9]+(ms|s|m)$' },
      }),
    }),
  };
};
