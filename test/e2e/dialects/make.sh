#!/bin/sh
# Makes one fixture, on standard output: make.sh <folder> <class> <dead-letter topic> <name of the software>
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix="dx.$1.$$."
mvn -B -q -f "$here/$1/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$work/jars" -DincludeScope=runtime >&2
javac -d "$work/out" -cp "$work/jars/*" "$here/$1/$2.java" >&2
mkdir -p "$work/out/META-INF"
echo '<beans xmlns="https://jakarta.ee/xml/ns/jakartaee" bean-discovery-mode="all" version="4.0"/>' >"$work/out/META-INF/beans.xml"
# A shaded jar brings an older logger along, which must not come first.
first=$(ls "$work"/jars/jboss-logging-*.jar 2>/dev/null || true)
# Connect runs until it is stopped.
timeout 45 java -Xmx256m -cp "$work/out:$first:$work/jars/*" "$2" "$KAFKA_BROKERS" "$prefix" "${CONNECT_PORT:-18810}" >"$work/log" 2>&1 || true
node "$here/record.ts" "$KAFKA_BROKERS" "$prefix$3" "$4"
