import { topicNames } from '@verdikt/core/record/topics.ts';
import { aclNames, aclTable, ROLES } from './table.ts';

/** Names as they are with the default group and no prefix. */
const rows = () => aclTable(aclNames(topicNames('', 'verdikt'), 'verdikt'));

const table = (): string[] =>
  ROLES.flatMap((role) =>
    rows()
      .filter((r) => r.role === role)
      .map((r) => {
        const name = r.pattern === 'prefixed' ? `${r.name}*` : r.name;
        return `| ${role} | ${r.resource} | \`${name}\` | ${r.operation} | ${r.why} |`;
      }),
  );

/** `docs/security.md`. */
export const securityText = (): string =>
  `# Security

Generated from \`cli/acls/\` by \`npm run generate\`. Do not edit.

## Who may do what

Four principals, so that a stolen password opens no more than it must. Their names are configurable
(\`VERDIKT_EDGE_PRINCIPAL\` and so on; \`none\` leaves one out).

| principal | default          | who it is                                            |
| --------- | ---------------- | ---------------------------------------------------- |
| edge      | \`User:edge\`      | the REST edge                                        |
| processor | \`User:processor\` | the processors                                       |
| operator  | \`User:operator\`  | people and jobs with \`verdikt\`: doctor, tail, dlq, audit |
| deploy    | \`User:deploy\`    | \`verdikt topics apply\`, \`verdikt init\`               |

These are all rights that they need, here with the default group and no prefix. Read, Write, Delete and Alter bring Describe
with them, AlterConfigs brings DescribeConfigs, and Write on a topic allows an idempotent producer, so neither is granted a second
time. A test takes each row away on a real broker and sees its operation fail; it also tries everything that is not in the
table and sees it refused.

| principal | resource | name | operation | for |
| --- | --- | --- | --- | --- |
${table().join('\n')}

The group is named after the source topic and \`VERDIKT_GROUP\`, and so are the transactional ids. Only these go by prefix (there is one
per task). It ends with \`/\`, which no topic name and no group of ours contains, so it fits no other system.

\`\`\`sh
npm run verdikt -- acls plan             # what is missing; exit code 3 when something is
npm run verdikt -- acls apply            # add it; --prune also removes what these principals have beyond the table
npm run verdikt -- acls script > acls.sh # the same for Kafka's own tools, with SCRAM users; passwords come from files
npm run verdikt -- doctor                # says what is missing and what is too much
\`\`\`

\`acls apply\` needs Alter on the cluster, or to be one of \`super.users\`; none of the four has it. A consumer of verdicts needs Read on
\`results\` and on its own group.

A right that is missing: the edge answers 503, a task writes \`ACCESS_DENIED\` with the topic to its log, waits and tries again.
Nothing is lost, and no restart is needed once the right is there.

## TLS and login

\`\`\`sh
VERDIKT_KAFKA_TLS_ENABLED=true
VERDIKT_KAFKA_TLS_CA_FILE=/secrets/ca.crt               # where the authority is not one that Node knows
VERDIKT_KAFKA_SASL_MECHANISM=scram-sha-512              # or scram-sha-256, plain, oauthbearer
VERDIKT_KAFKA_SASL_USERNAME=processor
VERDIKT_KAFKA_SASL_PASSWORD_FILE=/secrets/processor.password
\`\`\`

Certificates of brokers are always checked, and no setting switches that off. \`VERDIKT_KAFKA_TLS_SERVERNAME\` names what the
certificate must be for, where it is not the host name. Mutual TLS: \`VERDIKT_KAFKA_TLS_CERT_FILE\` and
\`VERDIKT_KAFKA_TLS_KEY_FILE\`; the principal is then the distinguished name, \`User:CN=processor\` for example. Use \`plain\` and
\`oauthbearer\` over TLS alone: without it everyone on the way reads password or token. The token file of \`oauthbearer\` is read
again for each login, so it may be renewed in place.

## Secrets

Give them as files (\`…_FILE\`), not as variables: variables are seen in process lists, dumps and child processes. They are
read at the start, except tokens of \`oauthbearer\`; a changed password needs a restart. They are never logged, and a message about a
wrong configuration does not show them.

## The edge

\`VERDIKT_TOKENS\` lists principals with the SHA-256 of their tokens; the tokens themselves are stored nowhere. Make one with
\`openssl rand -hex 32\` and its hash with \`printf %s "$token" | sha256sum\`. Comparing takes the same time for any token. Without
tokens everyone may submit, as \`anonymous\`. Idempotency keys of different principals never meet.

## What is not protected

- The edge speaks HTTP: put TLS and limits per client in front of it, in a proxy or an ingress.
- The management port (\`/livez\`, \`/readyz\`, \`/metrics\`) has no login. It tells no words and no keys; keep it inside.
- Words, keys and verdicts lie in Kafka as they are. Encrypt disks; who may read a topic reads all of it.
- Whoever may write to \`words\` may write under any key and id, also past the edge: tokens and limits of the edge hold only
  for those who come through it.
- An operator may redrive, skip and purge. Its commands are kept in the control topic with the name that its tool gives, which
  the broker does not check: give people principals of their own and look at the log of the authorizer.
- Whoever may write with the transactional ids of a group can stop its tasks: each fence throws the owner out.
- The registry has an authorization of its own. Services need to read schemas; only \`verdikt schemas register\` writes.
`;
