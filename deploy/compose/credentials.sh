#!/bin/bash
# Makes once what the secure set-up needs, each part in a volume of its own under /secure, so that a service sees its own alone:
#   broker     certificate and configuration of Kafka        admin, registry   properties for Java clients
#   <role>     password of edge, view, processor, operator, deploy, and the authority of the broker certificate
set -euo pipefail
umask 022
cd /secure
if [ -f broker/server.properties ]; then
  echo 'credentials are there already'
  exit 0
fi

secret() { head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

store=$(secret)
work=$(mktemp -d)
key() { keytool -genkeypair -keyalg EC -groupname secp256r1 -validity 3650 -storepass "$store" -keystore "$@"; }
key "$work/ca.p12" -alias ca -dname CN=verdikt-authority -ext bc:critical
keytool -exportcert -rfc -alias ca -keystore "$work/ca.p12" -storepass "$store" >"$work/ca.pem"
key "$work/kafka.p12" -alias kafka -dname CN=kafka
keytool -certreq -alias kafka -keystore "$work/kafka.p12" -storepass "$store" |
  keytool -gencert -rfc -alias ca -keystore "$work/ca.p12" -storepass "$store" -validity 3650 \
    -ext san=dns:kafka,dns:localhost,ip:127.0.0.1 >"$work/kafka.pem"
keytool -importcert -noprompt -alias ca -file "$work/ca.pem" -keystore "$work/kafka.p12" -storepass "$store"
keytool -importcert -noprompt -alias kafka -file "$work/kafka.pem" -keystore "$work/kafka.p12" -storepass "$store"

for role in edge view processor operator deploy registry; do
  secret >"$role/password"
  cp "$work/ca.pem" "$role/ca.pem"
done
admin=$(secret)
printf '%s' "$admin" >admin/password
cp "$work/ca.pem" admin/ca.pem
cat >admin/client.properties <<END
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="$admin";
ssl.truststore.type=PEM
ssl.truststore.location=/secure/admin/ca.pem
END

controller=$(secret)
plain='org.apache.kafka.common.security.plain.PlainLoginModule required'
scram='org.apache.kafka.common.security.scram.ScramLoginModule required;'
cp "$work/kafka.p12" broker/kafka.p12
cat >"$work/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:29093
listeners=CONTROLLER://localhost:29093,INSIDE://:19092,OUTSIDE://:9092
advertised.listeners=INSIDE://kafka:19092,OUTSIDE://localhost:${KAFKA_PORT_OUTSIDE}
listener.security.protocol.map=CONTROLLER:SASL_PLAINTEXT,INSIDE:SASL_SSL,OUTSIDE:SASL_SSL
inter.broker.listener.name=INSIDE
controller.listener.names=CONTROLLER
sasl.mechanism.controller.protocol=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=$plain username="controller" password="$controller" user_controller="$controller";
listener.name.inside.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.inside.plain.sasl.jaas.config=$plain username="admin" password="$admin" user_admin="$admin";
listener.name.inside.scram-sha-512.sasl.jaas.config=$scram
listener.name.outside.scram-sha-512.sasl.jaas.config=$scram
ssl.keystore.type=PKCS12
ssl.keystore.location=/mnt/shared/config/kafka.p12
ssl.keystore.password=$store
ssl.key.password=$store
ssl.truststore.type=PKCS12
ssl.truststore.location=/mnt/shared/config/kafka.p12
ssl.truststore.password=$store
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:admin;User:controller
log.dirs=/var/lib/kafka/data
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.retention.minutes=10080
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
END
# Last and at once: its presence says that everything is there.
cp "$work/server.properties" broker/.new
mv broker/.new broker/server.properties
rm -rf "$work"
echo 'credentials made'
