{{- /* What the schema cannot say, and what must hold also where the schema is skipped. */ -}}
{{- define "verdikt.validate" -}}
{{- $v := .Values -}}
{{- $p := $v.processor -}}
{{- $partitions := int $v.topics.partitions -}}
{{- include "verdikt.validateNames" . -}}
{{- include "verdikt.validateMemory" . -}}
{{- if not $v.kafka.brokers -}}{{- fail "kafka.brokers is needed, for example --set 'kafka.brokers={broker-1:9092,broker-2:9092}'" -}}{{- end -}}
{{- if not $v.schemaRegistry.url -}}{{- fail "schemaRegistry.url is needed, for example http://registry:8080/apis/ccompat/v7" -}}{{- end -}}
{{- if not (or $v.producer.enabled $p.enabled) -}}{{- fail "producer.enabled and processor.enabled are both false: nothing would run" -}}{{- end -}}
{{- if and $p.autoscaling.enabled $p.keda.enabled -}}{{- fail "processor.autoscaling and processor.keda would both set the replicas: enable one" -}}{{- end -}}
{{- if and (not $p.autoscaling.enabled) (not $p.keda.enabled) (gt (int ($p.replicas | default 0)) $partitions) -}}
{{- fail (printf "processor.replicas is %v, but there are only %d partitions: the others would stand by" $p.replicas $partitions) -}}
{{- end -}}
{{- range $name, $a := dict "processor.autoscaling" $p.autoscaling "processor.keda" $p.keda -}}
{{- if $a.enabled -}}
{{- $max := int ($a.maxReplicas | default $partitions) -}}
{{- if gt $max $partitions -}}{{- fail (printf "%s.maxReplicas is %d, but there are only %d partitions: the others would stand by" $name $max $partitions) -}}{{- end -}}
{{- if gt (int $a.minReplicas) $max -}}{{- fail (printf "%s.minReplicas is %v, above the maximum of %d" $name $a.minReplicas $max) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $p.keda.enabled (lt (int $p.keda.minReplicas) 1) -}}{{- fail "processor.keda.minReplicas must be at least 1: with no processor nobody makes the retries that are due, and nobody reports them" -}}{{- end -}}
{{- if and $p.keda.triggers $p.keda.additionalTriggers -}}{{- fail "processor.keda: triggers replace those of the chart, additionalTriggers come beside them: give one of the two" -}}{{- end -}}
{{- range $name, $w := dict "producer" $v.producer "processor" $p -}}
{{- if $w.enabled -}}
{{- if and $w.pdb.enabled (not (kindIs "invalid" $w.pdb.minAvailable)) (not (kindIs "invalid" $w.pdb.maxUnavailable)) -}}{{- fail (printf "%s.pdb: set one of minAvailable and maxUnavailable, the other to null" $name) -}}{{- end -}}
{{- if and $w.pdb.enabled (kindIs "invalid" $w.pdb.minAvailable) (kindIs "invalid" $w.pdb.maxUnavailable) -}}{{- fail (printf "%s.pdb: set minAvailable or maxUnavailable" $name) -}}{{- end -}}
{{- if $w.autoscaling.enabled -}}
{{- if gt (int $w.autoscaling.minReplicas) (int ($w.autoscaling.maxReplicas | default $partitions)) -}}{{- fail (printf "%s.autoscaling: minReplicas is above maxReplicas" $name) -}}{{- end -}}
{{- if and $w.autoscaling.targetCPUUtilizationPercentage (not (dig "requests" "cpu" "" ($w.resources | default dict))) -}}{{- fail (printf "%s.autoscaling: a target for CPU needs %s.resources.requests.cpu" $name $name) -}}{{- end -}}
{{- if not (or $w.autoscaling.targetCPUUtilizationPercentage $w.autoscaling.metrics (dig "backlog" "enabled" false $w.autoscaling) (dig "dueLag" "enabled" false $w.autoscaling)) -}}{{- fail (printf "%s.autoscaling: no metric to scale by" $name) -}}{{- end -}}
{{- end -}}
{{- $k := include "verdikt.kafka" (dict "root" $ "override" $w.kafka "role" ($name | replace "producer" "edge")) | fromJson -}}
{{- include "verdikt.validateKafka" (dict "kafka" $k "name" $name) -}}
{{- end -}}
{{- end -}}
{{- if and $v.metrics.serviceMonitor.enabled $v.metrics.podMonitor.enabled -}}{{- fail "metrics: serviceMonitor and podMonitor would scrape every pod twice: enable one" -}}{{- end -}}
{{- if and (or $v.strimzi.topics.enabled $v.strimzi.users.enabled) (not $v.strimzi.clusterName) -}}{{- fail "strimzi.clusterName is needed" -}}{{- end -}}
{{- if and $v.strimzi.users.enabled $v.strimzi.namespace (ne $v.strimzi.namespace .Release.Namespace) -}}
{{- if not (or $v.kafka.sasl.existingSecret $v.kafka.tls.existingSecret) -}}{{- fail "strimzi.users: secrets of another namespace cannot be mounted: copy them here and name them in existingSecret" -}}{{- end -}}
{{- end -}}
{{- if and $v.init.enabled (not $v.strimzi.topics.enabled) -}}
{{- $k := include "verdikt.kafka" (dict "root" $ "override" $v.init.kafka "role" "init") | fromJson -}}
{{- include "verdikt.validateKafka" (dict "kafka" $k "name" "init") -}}
{{- if and $v.strimzi.users.enabled (not (or $k.sasl.existingSecret $k.tls.existingSecret)) -}}{{- fail "strimzi.users: before the first install there is no user who could create topics. Set strimzi.topics.enabled, or init.kafka to a user of yours, or init.enabled to false" -}}{{- end -}}
{{- end -}}
{{- if and $v.producer.enabled $v.producer.ingress.enabled (not $v.producer.ingress.hosts) -}}{{- fail "producer.ingress.hosts is empty" -}}{{- end -}}
{{- if and $v.producer.enabled $v.producer.httpRoute.enabled (not $v.producer.httpRoute.parentRefs) -}}{{- fail "producer.httpRoute.parentRefs is empty" -}}{{- end -}}
{{- $probed := printf "%s-edge.%s.svc" (include "verdikt.fullname" .) .Release.Namespace -}}
{{- if and $v.tests.enabled $v.producer.enabled $p.enabled $v.producer.config.hostNames (not (has $probed $v.producer.config.hostNames)) -}}{{- fail (printf "producer.config.hostNames lacks %s, by which helm test reaches the edge: add it, or set tests.enabled to false" $probed) -}}{{- end -}}
{{- if $v.producer.enabled -}}{{- include "verdikt.validateOperators" . -}}{{- end -}}
{{- if and $v.producer.tokens.existingSecret (hasKey $v.producer.config "tokens") -}}{{- fail "producer: tokens are given twice, in config and in tokens.existingSecret" -}}{{- end -}}
{{- end -}}

{{- define "verdikt.validateOperators" -}}
{{- $o := .Values.producer.operators -}}
{{- range list "operators" "operatorSaslUsername" "operatorSaslPassword" "operatorSaslPasswordFile" -}}
{{- if hasKey ($.Values.producer.config | default dict) . -}}{{- fail (printf "producer.config.%s: use producer.operators, which also opens the ways to the processors" .) -}}{{- end -}}
{{- end -}}
{{- if and $o.username (not $o.existingSecret) -}}{{- fail "producer.operators.username needs existingSecret" -}}{{- end -}}
{{- if and $o.existingSecret (not $o.enabled) -}}{{- fail "producer.operators.existingSecret needs producer.operators.enabled" -}}{{- end -}}
{{- $k := include "verdikt.kafka" (dict "root" . "override" .Values.producer.kafka "role" "edge") | fromJson -}}
{{- if and $o.existingSecret (not (has $k.sasl.mechanism (list "plain" "scram-sha-256" "scram-sha-512"))) -}}{{- fail "producer.operators.existingSecret: a login of its own needs an edge that logs in to Kafka with a password (plain or scram)" -}}{{- end -}}
{{- if and (include "verdikt.hasOperatorUser" .) (not $o.existingSecret) .Values.strimzi.namespace (ne .Values.strimzi.namespace .Release.Namespace) -}}{{- fail "producer.operators: the secret of its Strimzi user is in another namespace and cannot be mounted: copy it here and name it in existingSecret" -}}{{- end -}}
{{- end -}}

{{- define "verdikt.validateKafka" -}}
{{- $s := .kafka.sasl -}}
{{- $t := .kafka.tls -}}
{{- $iam := eq $s.mechanism "aws-msk-iam" -}}
{{- $oauth := $s.oauth | default dict -}}
{{- if and $iam (or $s.existingSecret $s.username) -}}{{- fail (printf "kafka.sasl of %s: aws-msk-iam takes no existingSecret and no username; give the service account a role" .name) -}}{{- end -}}
{{- if and $iam (not (and $s.awsRegion $t.enabled)) -}}{{- fail (printf "kafka.sasl of %s: aws-msk-iam needs awsRegion and kafka.tls.enabled" .name) -}}{{- end -}}
{{- if and $oauth.tokenUrl (or (ne $s.mechanism "oauthbearer") (not $oauth.clientId)) -}}{{- fail (printf "kafka.sasl of %s: oauth.tokenUrl needs mechanism oauthbearer and oauth.clientId" .name) -}}{{- end -}}
{{- if and $oauth.extensions (ne $s.mechanism "oauthbearer") -}}{{- fail (printf "kafka.sasl of %s: oauth.extensions need mechanism oauthbearer" .name) -}}{{- end -}}
{{- if and $s.mechanism (not $iam) (not $s.existingSecret) -}}{{- fail (printf "kafka.sasl of %s: mechanism %s needs existingSecret" .name $s.mechanism) -}}{{- end -}}
{{- if and (not $s.mechanism) (or $s.existingSecret $s.username) -}}{{- fail (printf "kafka.sasl of %s: existingSecret and username need a mechanism" .name) -}}{{- end -}}
{{- if ne (empty $t.certKey) (empty $t.keyKey) -}}{{- fail (printf "kafka.tls of %s: certKey and keyKey go together" .name) -}}{{- end -}}
{{- if and $t.certKey (not $t.existingSecret) -}}{{- fail (printf "kafka.tls of %s: certKey needs existingSecret" .name) -}}{{- end -}}
{{- if and (not $t.enabled) (or $t.existingSecret $t.caExistingSecret $t.servername) -}}{{- fail (printf "kafka.tls of %s: its settings need enabled" .name) -}}{{- end -}}
{{- end -}}

{{- /* Mebibytes of a quantity with a binary unit; 0 for any other. */ -}}
{{- define "verdikt.mebibytes" -}}
{{- $units := dict "Ki" 0.0009765625 "Mi" 1.0 "Gi" 1024.0 "Ti" 1048576.0 -}}
{{- $unit := regexFind "[KMGT]i$" . -}}
{{- if $unit -}}{{ mulf (trimSuffix $unit . | float64) (index $units $unit) }}{{- else -}}0{{- end -}}
{{- end -}}

{{- define "verdikt.validateMemory" -}}
{{- $given := dig "limits" "memory" "" (.Values.processor.resources | default dict) | toString -}}
{{- $most := include "verdikt.mebibytes" $given | float64 -}}
{{- $limit := include "verdikt.field" (dict "root" . "component" "processor" "field" "memoryLimitMiB") | float64 -}}
{{- if and (gt $most 0.0) (gt $limit $most) -}}
{{- fail (printf "processor.config.memoryLimitMiB of %d is more than processor.resources.limits.memory of %s: the pod would be killed. Leave one of them out, the other follows" (int $limit) $given) -}}
{{- end -}}
{{- end -}}

{{- define "verdikt.validateNames" -}}
{{- $full := include "verdikt.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $full) -}}
{{- fail (printf "%s cannot be the name of a Service: give a fullnameOverride or nameOverride of lower-case letters, digits and dashes that begins with a letter" $full) -}}
{{- end -}}
{{- $ours := list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component" "app.kubernetes.io/version" "app.kubernetes.io/part-of" "app.kubernetes.io/managed-by" "helm.sh/chart" -}}
{{- $common := .Values.commonLabels | default dict -}}
{{- range $name, $labels := dict "commonLabels" $common "producer.podLabels" .Values.producer.podLabels "processor.podLabels" .Values.processor.podLabels -}}
{{- range $key, $value := $labels -}}
{{- if has $key $ours -}}{{- fail (printf "%s: the chart sets %s itself, leave it out" $name $key) -}}{{- end -}}
{{- if and (ne $name "commonLabels") (hasKey $common $key) -}}{{- fail (printf "%s: %s is given twice, here and in commonLabels" $name $key) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
