#!/usr/bin/env bash
# Installs the servers that tests of connectors speak to, where they are missing and that is permitted. It never fails:
# tests of a server that is not there are skipped, each with a line that says how to get it.
set -u

# As root, or by a sudo that asks for nothing.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

if command -v redis-server >/dev/null; then
  echo "redis-server is there"
elif command -v apt-get >/dev/null; then
  # The package would start a server of its own on the standard port: a policy of "no" keeps it from that.
  policy=/usr/sbin/policy-rc.d
  made_policy=no
  if [ ! -e "$policy" ] && printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null 2>&1; then
    as_root chmod 755 "$policy"
    made_policy=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server >/dev/null 2>&1 ||
    { as_root apt-get update >/dev/null 2>&1 &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server >/dev/null 2>&1; }
  if [ "$made_policy" = yes ]; then as_root rm -f "$policy"; fi
  if command -v redis-server >/dev/null; then
    echo "redis-server was installed"
  else
    echo "redis-server could not be installed: its tests are skipped (apt-get install redis-server)"
  fi
else
  echo "redis-server is not there, and apt-get neither: its tests are skipped"
fi

# A broker spends half of its start on loading classes. It is run once, so that those of tests find them
# loaded.
archive_kafka_classes() {
  folder="$(mktemp -d)" || return 0
  port=$((20000 + $$ % 20000))
  cat >"$folder/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$port
listeners=PLAINTEXT://127.0.0.1:$((port + 1)),CONTROLLER://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder/data
PROPERTIES
  if java -cp "$kafka_jars/*" kafka.tools.StorageTool format -t c3Rvcm1jZWxsdGVzdHNzQQ \
    -c "$folder/server.properties" >/dev/null 2>&1; then
    java -Xmx512m -XX:+UseSerialGC -XX:ArchiveClassesAtExit="$folder/classes.jsa" -cp "$kafka_jars/*" \
      kafka.Kafka "$folder/server.properties" >/dev/null 2>&1 &
    broker=$!
    sleep 10
    kill "$broker" 2>/dev/null
    wait "$broker"
    if [ -s "$folder/classes.jsa" ]; then mv -f "$folder/classes.jsa" "$kafka_jars.jsa"; fi
  fi
  rm -rf -- "$folder"
}

# The Kafka broker: its jars by Maven into the user's cache, in one step, so that an interrupted copy is not taken for
# a whole one.
kafka_jars="${XDG_CACHE_HOME:-$HOME/.cache}/stormcell-test-services/kafka-3.9.1"
if ls "$kafka_jars"/kafka_*.jar >/dev/null 2>&1; then
  echo "the Kafka broker is there"
elif command -v java >/dev/null && command -v mvn >/dev/null; then
  kafka_part="$kafka_jars.part.$$"
  mkdir -p "$kafka_part"
  cp "$(dirname "$0")/kafka-pom.xml" "$kafka_part/pom.xml"
  if (cd "$kafka_part" && mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=lib) &&
    mv "$kafka_part/lib" "$kafka_jars"; then
    echo "the Kafka broker was installed"
  else
    echo "the Kafka broker could not be fetched by mvn: its tests are skipped"
  fi
  rm -rf -- "$kafka_part"
else
  echo "java or mvn is not there: the tests of Kafka are skipped (apt-get install default-jre-headless maven)"
fi
if command -v java >/dev/null && [ -d "$kafka_jars" ] && [ ! -e "$kafka_jars.jsa" ]; then archive_kafka_classes; fi
exit 0
