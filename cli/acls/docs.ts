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

/** `docs/reference/security.md`. */
export const securityText = (): string =>
  `# Security

Generated from \`cli/acls/\` by \`npm run generate\`. Do not edit.

## Principals and rights

Five principals keep the damage of a stolen password small. Their names are configurable (\`VERDIKT_EDGE_PRINCIPAL\` and so on;
\`none\` leaves one out, which is the default for the view).

| principal | default | used by |
| --- | --- | --- |
| edge | \`User:edge\` | the REST edge |
| view | none | the view of an edge (\`VERDIKT_VIEW\`). It logs in as the edge, or as \`VERDIKT_VIEW_SASL_USERNAME\` |
| processor | \`User:processor\` | the processors |
| operator | \`User:operator\` | people and jobs that run \`verdikt\`: doctor, tail, dlq, audit; an edge that serves operators (\`VERDIKT_OPERATORS\`), as \`VERDIKT_OPERATOR_SASL_USERNAME\` |
| deploy | \`User:deploy\` | \`verdikt topics apply\`, \`verdikt init\` |

The table lists all rights that they need, with the default group and no prefix. Read, Write, Delete and Alter imply Describe,
AlterConfigs implies DescribeConfigs, and Write on a topic allows an idempotent producer. Implied rights are not granted
separately. A test removes each row on a real broker and sees its operation fail; it also tries operations that are not in the
table and sees them refused.

| principal | resource | name | operation | purpose |
| --- | --- | --- | --- | --- |
${table().join('\n')}

Group and transactional IDs are named after the source topic and \`VERDIKT_GROUP\`. Transactional IDs are granted by prefix, since
there is one per task. The prefix ends with \`/\`, which neither topic names nor group names contain, so it matches no other system.

\`\`\`sh
npm run verdikt -- acls plan             # show missing rules; exit code 3 if there are any
npm run verdikt -- acls apply            # add them; --prune also removes rules that are not in the table
npm run verdikt -- acls script > acls.sh # a script for Kafka's own tools, with SCRAM users; passwords come from files
npm run verdikt -- doctor                # report missing and excess rights
\`\`\`

\`acls apply\` needs Alter on the cluster, or a user in \`super.users\`. None of the five principals has it. A consumer of verdicts
needs Read on \`results\` and on its own group.

If a right is missing, the edge answers 503. A task logs \`ACCESS_DENIED\` with the name of the topic, waits and retries. Nothing is
lost, and no restart is needed once the right is granted.

## TLS and login

\`\`\`sh
VERDIKT_KAFKA_TLS_ENABLED=true
VERDIKT_KAFKA_TLS_CA_FILE=/secrets/ca.crt               # if Node does not trust the CA
VERDIKT_KAFKA_SASL_MECHANISM=scram-sha-512              # or scram-sha-256, plain, oauthbearer, aws-msk-iam
VERDIKT_KAFKA_SASL_USERNAME=processor
VERDIKT_KAFKA_SASL_PASSWORD_FILE=/secrets/processor.password
\`\`\`

- Broker certificates are always checked. No setting disables this. If the certificate does not name the host, set
  \`VERDIKT_KAFKA_TLS_SERVERNAME\` to the name that it contains.
- Mutual TLS: set \`VERDIKT_KAFKA_TLS_CERT_FILE\` and \`VERDIKT_KAFKA_TLS_KEY_FILE\`. The principal is then the distinguished name, for
  example \`User:CN=processor\`.
- Use \`plain\` and \`oauthbearer\` only with TLS. Without it, password and token can be read on the network. Every login without TLS is
  warned of in the log.
- \`oauthbearer\` takes its tokens from a file (\`VERDIKT_KAFKA_SASL_TOKEN_FILE\`), which is read at every login, or requests them with
  client credentials (\`VERDIKT_KAFKA_OAUTH_TOKEN_URL\`). [Providers](../how-to/providers.md) has examples, also for IAM of AWS.

## Secrets

Pass secrets as files (\`…_FILE\`), not as variables: variables are visible in process lists, dumps and child processes. Files are
read at startup, except tokens for \`oauthbearer\`, so a changed password needs a restart. Secrets are never logged, and messages
about an invalid configuration do not contain them.

## The edge

\`VERDIKT_TOKENS\` lists clients with the SHA-256 of their tokens and their scopes; JWTs of one issuer are accepted as well. See
[Clients and scopes](../how-to/clients.md). The tokens themselves are not stored. Create a token with \`openssl rand -hex 32\` and its
hash with \`printf %s "$token" | sha256sum\`. Comparing takes the same time for every token. Callers see their own words unless they may
see all, and idempotency keys of different principals never collide. Without tokens, everything is open on loopback alone; elsewhere
everyone may submit and read, and the edge warns at start.

A browser is a way around loopback: the page of any site can have its own name resolve to 127.0.0.1 (DNS rebinding), or send requests
to it. So an edge that is open on loopback looks at the headers that a browser always sends:

- \`Host\` must be \`localhost\`, a loopback address, or one of \`VERDIKT_HOST_NAMES\`. Anything else is 421 \`MISDIRECTED\`.
- A request that changes something and has an \`Origin\` must come from the page of the edge itself: the same host and port, or one
  of \`VERDIKT_HOST_NAMES\`. Anything else is 403 \`FORBIDDEN\` with the field \`origin\`.

With \`VERDIKT_HOST_NAMES\`, an edge on any address checks this. The compose file sets it, because its port is published on loopback with
everything open. Elsewhere, names are not checked: proxies and services give the edge names of their own, and a page of another site has no
token. If callers need no token there, set \`VERDIKT_HOST_NAMES\` as well.
The management port changes nothing. \`POST /forecast\`, the only route of it that takes a body, refuses every request with an \`Origin\`.

## What is not protected

- The edge speaks HTTP. Put TLS in front of it, in a proxy or an ingress.
- The management port (\`/livez\`, \`/readyz\`, \`/metrics\`, \`/status\`) has no authentication. It exposes no words or keys; keep it private.
- \`POST /forecast\` on the management port of a processor runs the chain over what it is sent. It reads no topic and writes nothing. Without
  \`VERDIKT_FORECAST_TOKEN\`, everybody who reaches the port may have \`palindrome\` and \`wordlist\` run, and so find out which words a list
  holds. With it, only those who give it are answered, and they may have services asked and modules run, with the rights of the processor.
  Either way one question is answered at a time, of at most 20 letters and 4 MiB, which must arrive within 5 s. An edge sends the token to the
  addresses that members of the group tell, which the rights of the group protect, or to \`VERDIKT_OPERATOR_PROCESSORS\`.
- Words, keys and verdicts are stored in Kafka in plain text. Encrypt disks. Everyone who may read a topic can read all of it.
- Every client with Write on \`words\` can submit under any key and ID without the edge. Tokens and limits apply only to clients of
  the edge.
- An operator may redrive, skip and purge. The commands are kept in the control topic with the name that the tool reports, which
  the broker does not check. Give each person a principal, and use the log of the authorizer. An edge reports the principal of its
  caller, which it has checked.
- Every client with Write on the transactional IDs of a group can stop its tasks, because fencing expels the owner.
- The registry has its own authorization. Services need to read schemas; only \`verdikt schemas register\` writes.
`;
