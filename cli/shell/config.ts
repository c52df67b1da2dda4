import { envName } from '@verdikt/core/config/env-name.ts';
import { fieldsOf, Type, type Static } from '@verdikt/core/config/fields.ts';
import { loadConfig, type Env, type ReadFile, type Rule } from '@verdikt/core/config/config.ts';
import {
  kafkaFields,
  kafkaRules,
  registryFields,
  registryRules,
  topicFields,
} from '@verdikt/core/config/kafka.ts';

const topicsSchema = Type.Object({
  ...kafkaFields,
  ...topicFields,
  replicationFactor: Type.Integer({
    default: -1,
    minimum: -1,
    maximum: 100,
    description: 'Replicas of each partition of a new topic. -1 uses the cluster default.',
    reason: 'The cluster knows how many brokers it has.',
  }),
  minInsyncReplicas: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      description:
        'Replicas that must have a record before it is acknowledged. Default: the cluster decides.',
    }),
  ),
  wordsMaxBytes: Type.Integer({
    default: 1_048_576,
    minimum: 1_024,
    maximum: 64 * 1_048_576,
    description: 'Maximum batch size of `words` in bytes. The other topics get 64 KiB more.',
    reason: 'About the default of Kafka.',
  }),
});
export type TopicsConfig = Static<typeof topicsSchema>;

const topicsRules: readonly Rule<TopicsConfig>[] = [
  ...kafkaRules,
  {
    fields: ['minInsyncReplicas', 'replicationFactor'],
    says: 'minInsyncReplicas must be at most replicationFactor, else nothing can be written',
    remedy: 'lower minInsyncReplicas or raise replicationFactor',
    holds: (c) => c.replicationFactor === -1 || (c.minInsyncReplicas ?? 1) <= c.replicationFactor,
  },
];

const schemasSchema = Type.Object({
  ...registryFields,
  topicPrefix: kafkaFields.topicPrefix,
  group: kafkaFields.group,
  ...topicFields,
});
type SchemasConfig = Static<typeof schemasSchema>;

const principal = (role: string, who: string, name = `User:${role}`) =>
  Type.String({
    default: name,
    pattern: '^(none|[A-Za-z]+:.+)$',
    maxLength: 500,
    description: `Kafka principal of ${who}; none leaves it out.`,
    reason: 'The name by which it logs in; for mutual TLS the distinguished name of the certificate.',
  });

export const principalFields = {
  edgePrincipal: principal('edge', 'the edge'),
  viewPrincipal: principal('view', 'the view of an edge', 'none'),
  processorPrincipal: principal('processor', 'the processors'),
  operatorPrincipal: principal('operator', 'operators'),
  deployPrincipal: principal('deploy', 'the deployment that creates topics'),
};

const aclsSchema = Type.Object({ ...kafkaFields, ...topicFields, ...principalFields });
export type AclsConfig = Static<typeof aclsSchema>;

const aclScriptSchema = Type.Object({
  topicPrefix: kafkaFields.topicPrefix,
  group: kafkaFields.group,
  ...topicFields,
  ...principalFields,
});

/** Options of the command line by the name of their field; undefined where not given. */
export type Flags = Readonly<Record<string, string | undefined>>;

/** Throws CONFIG_INVALID with all problems; see loadConfig. Flags win over the environment. */
export const loadTopicsConfig = (env: Env, flags: Flags, readFile: ReadFile): TopicsConfig =>
  loadConfig(topicsSchema, environment(topicsSchema, env, flags), readFile, topicsRules);

/** As above. */
export const loadSchemasConfig = (env: Env, flags: Flags, readFile: ReadFile): SchemasConfig =>
  loadConfig(schemasSchema, environment(schemasSchema, env, flags), readFile, registryRules);

/** As above. */
export const loadAclsConfig = (env: Env, flags: Flags, readFile: ReadFile): AclsConfig =>
  loadConfig(aclsSchema, environment(aclsSchema, env, flags), readFile, kafkaRules);

/** As above; asks no broker, so it needs none. */
export const loadAclScriptConfig = (
  env: Env,
  flags: Flags,
  readFile: ReadFile,
): Static<typeof aclScriptSchema> =>
  loadConfig(aclScriptSchema, environment(aclScriptSchema, env, flags), readFile);

/** Only what a command knows: beside a service its environment holds settings that mean nothing here. */
export function environment(schema: Parameters<typeof fieldsOf>[0], env: Env, flags: Flags): Env {
  const known = fieldsOf(schema).flatMap((field) => [field.env, ...field.aliases]);
  const kept = known.map((name) => [name, env[name]] as const);
  const given = Object.entries(flags).map(([field, value]) => [envName(field), value] as const);
  return Object.fromEntries([...kept, ...given].filter(([, value]) => value !== undefined));
}
