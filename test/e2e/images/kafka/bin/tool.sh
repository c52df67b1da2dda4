#!/bin/bash
# Every kafka-<tool>.sh is a link to this file.
case $(basename "$0" .sh) in
  kafka-acls) class=org.apache.kafka.tools.AclCommand ;;
  kafka-configs) class=kafka.admin.ConfigCommand ;;
  kafka-console-consumer) class=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
  kafka-consumer-groups) class=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
  kafka-storage) class=kafka.tools.StorageTool ;;
  kafka-topics) class=org.apache.kafka.tools.TopicCommand ;;
  *) echo "the stand-in has no $0" >&2; exit 127 ;;
esac
exec "$(dirname "$0")/kafka-run-class.sh" "$class" "$@"
