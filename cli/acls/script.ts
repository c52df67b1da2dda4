import { at } from '@verdikt/core/at.ts';
import { ROLES, type AclRow, type Principals } from './table.ts';

/** For the shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** `describe-configs` → `DescribeConfigs`, as Kafka's tools call it. */
const operationName = (operation: string): string =>
  operation.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const RESOURCE_OPTION: Readonly<Record<string, string>> = {
  topic: '--topic',
  group: '--group',
  'transactional-id': '--transactional-id',
};

const HEAD = `#!/bin/sh
# Users and access rules of verdikt for Kafka's own tools. Safe to run again. Variables:
#   BOOTSTRAP       brokers to ask, host:port
#   COMMAND_CONFIG  properties of a client that may change access rules and users (optional)
#   PASSWORDS       folder with one file <user>.password per user; only its first line counts, printable ASCII
set -eu
: "\${BOOTSTRAP:=localhost:9092}"
: "\${COMMAND_CONFIG:=}"
: "\${PASSWORDS:=./passwords}"
umask 077

kafka() {
  tool=$1
  shift
  command -v "$tool" >/dev/null 2>&1 || tool=$tool.sh
  "$tool" --bootstrap-server "$BOOTSTRAP" \${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} "$@"
}

allow() {
  principal=$1
  shift
  kafka kafka-acls --add --force --allow-principal "$principal" "$@" >/dev/null
}
`;

const USERS = `
# The password goes through a file that only we can read: arguments are seen by everyone on the machine.
user() {
  file=$PASSWORDS/$1.password
  [ -s "$file" ] || { echo "no password in $file" >&2; exit 1; }
  secret=$(mktemp)
  trap 'rm -f "$secret"' EXIT
  { printf 'SCRAM-SHA-512=iterations=8192,password='; head -n 1 "$file" | sed 's/\\\\/\\\\\\\\/g'; } >"$secret"
  kafka kafka-configs --alter --entity-type users --entity-name "$1" --add-config-file "$secret" >/dev/null
  rm -f "$secret"
}
`;

/** Only a plain user can log in by password; others are told by their certificate or token. */
const userOf = (principal: string): string | undefined => /^User:([A-Za-z0-9._@-]+)$/.exec(principal)?.[1];

/** A shell script that makes the table true with kafka-acls and, with `users`, SCRAM users with kafka-configs. */
export const aclScript = (rows: readonly AclRow[], principals: Principals, users: boolean): string => {
  const lines: string[] = [];
  for (const role of ROLES) {
    const principal = principals[role];
    if (principal === undefined) continue;
    lines.push('', `# ${role}`);
    const user = userOf(principal);
    if (users && user !== undefined) lines.push(`user ${quoted(user)}`);
    const resources = Map.groupBy(
      rows.filter((r) => r.role === role),
      (r) => `${r.resource} ${r.pattern} ${r.name}`,
    );
    for (const same of resources.values()) {
      const first = at(same, 0);
      const option = RESOURCE_OPTION[first.resource];
      const what = option === undefined ? ['--cluster'] : [option, quoted(first.name)];
      const pattern = first.pattern === 'prefixed' ? ['--resource-pattern-type', 'prefixed'] : [];
      const operations = same.flatMap((r) => ['--operation', operationName(r.operation)]);
      lines.push(['allow', quoted(principal), ...what, ...pattern, ...operations].join(' '));
    }
  }
  return `${HEAD}${users ? USERS : ''}${lines.join('\n')}\n`;
};
