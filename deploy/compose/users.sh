#!/bin/bash
# SCRAM users with the passwords of /secure, and what the registry may do. What ours may do is said by `verdikt acls apply`.
set -euo pipefail
kafka() {
  tool=$1
  shift
  "/opt/kafka/bin/kafka-$tool.sh" --bootstrap-server kafka:19092 --command-config /secure/admin/client.properties "$@"
}

for role in edge view processor operator deploy registry; do
  # Through a file: arguments are seen by everyone on the machine.
  printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$(cat "/secure/$role/password")" >/tmp/user.properties
  kafka configs --alter --entity-type users --entity-name "$role" --add-config-file /tmp/user.properties
done
rm -f /tmp/user.properties

allow() { kafka acls --add --force --allow-principal User:registry "$@" >/dev/null; }
allow --operation All --topic kafkasql- --resource-pattern-type prefixed
allow --operation All --topic registry-events
allow --operation All --group apicurio- --resource-pattern-type prefixed
