{{- /* Where a container of a role connects, with overrides and secrets of its Strimzi user: (dict "root" $ "override" … "role" …) → JSON */ -}}
{{- define "verdikt.kafka" -}}
{{- $k := mergeOverwrite (deepCopy .root.Values.kafka) (deepCopy (.override | default dict)) -}}
{{- $s := .root.Values.strimzi -}}
{{- if and $s.users.enabled (has .role (list "edge" "processor")) -}}
{{- $user := printf "%s-%s" (include "verdikt.fullname" .root) .role -}}
{{- if eq $s.users.authentication "tls" -}}
{{- if not $k.tls.existingSecret -}}
{{- $_ := mergeOverwrite $k.tls (dict "enabled" true "existingSecret" $user "certKey" "user.crt" "keyKey" "user.key") -}}
{{- end -}}
{{- else if not $k.sasl.existingSecret -}}
{{- $_ := mergeOverwrite $k.sasl (dict "mechanism" "scram-sha-512" "existingSecret" $user "username" $user "passwordKey" "password") -}}
{{- end -}}
{{- if and $k.tls.enabled (not $k.tls.caExistingSecret) (or (not $k.tls.existingSecret) (eq $k.tls.existingSecret $user)) -}}
{{- $_ := set $k.tls "caExistingSecret" (printf "%s-cluster-ca-cert" $s.clusterName) -}}
{{- $_ := set $k.tls "caKey" "ca.crt" -}}
{{- end -}}
{{- end -}}
{{- toJson $k -}}
{{- end -}}

{{- /*
Non-empty where operators have a Strimzi user of their own: one that logs in as the edge does, by password. Otherwise they act as the
edge, which has their rights then.
*/ -}}
{{- define "verdikt.hasOperatorUser" -}}
{{- $u := .Values.strimzi.users -}}
{{- if and .Values.producer.enabled .Values.producer.operators.enabled $u.enabled (eq $u.authentication "scram-sha-512") -}}
{{- $k := include "verdikt.kafka" (dict "root" . "override" .Values.producer.kafka "role" "edge") | fromJson -}}
{{- if eq $k.sasl.mechanism "scram-sha-512" -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Login of operators, as in the values, with the secret of their Strimzi user: JSON. Without existingSecret they act as the edge. */ -}}
{{- define "verdikt.operators" -}}
{{- $o := deepCopy .Values.producer.operators -}}
{{- if and (include "verdikt.hasOperatorUser" .) (not $o.existingSecret) -}}
{{- $user := printf "%s-operator" (include "verdikt.fullname" .) -}}
{{- $_ := mergeOverwrite $o (dict "existingSecret" $user "username" $user "passwordKey" "password") -}}
{{- end -}}
{{- toJson $o -}}
{{- end -}}

{{- /* Text of a value for an environment variable. */ -}}
{{- define "verdikt.text" -}}
{{- if kindIs "string" . -}}{{ . }}{{- else -}}{{ toJson . }}{{- end -}}
{{- end -}}

{{- /*
The environment of a container: (dict "root" $ "kafka" … "config" … "extraEnv" … "tokens" … "operators" … "plain" …). An entry of extraEnv
takes the place of one of the chart: a name may occur once only.
*/ -}}
{{- define "verdikt.env" -}}
{{- $root := .root -}}
{{- $k := .kafka -}}
{{- $t := $root.Values.topics -}}
{{- $r := $root.Values.schemaRegistry -}}
{{- $plain := dict "KAFKA_BROKERS" ($k.brokers | default list | join ",") "SCHEMA_REGISTRY_URL" $r.url
  "VERDIKT_TOPIC_PREFIX" $t.prefix "VERDIKT_GROUP" $t.group "VERDIKT_PARTITIONS" (include "verdikt.text" $t.partitions) -}}
{{- $entries := list -}}
{{- if $k.tls.enabled -}}
{{- $_ := set $plain "VERDIKT_KAFKA_TLS_ENABLED" "true" -}}
{{- if and $k.tls.caKey (or $k.tls.caExistingSecret $k.tls.existingSecret) -}}
{{- $_ := set $plain "VERDIKT_KAFKA_TLS_CA_FILE" "/etc/verdikt/kafka-ca/ca.crt" -}}
{{- end -}}
{{- if $k.tls.certKey -}}
{{- $_ := set $plain "VERDIKT_KAFKA_TLS_CERT_FILE" "/etc/verdikt/kafka-tls/tls.crt" -}}
{{- $_ := set $plain "VERDIKT_KAFKA_TLS_KEY_FILE" "/etc/verdikt/kafka-tls/tls.key" -}}
{{- end -}}
{{- with $k.tls.servername -}}{{- $_ := set $plain "VERDIKT_KAFKA_TLS_SERVERNAME" . -}}{{- end -}}
{{- end -}}
{{- with $k.sasl.mechanism -}}
{{- $_ := set $plain "VERDIKT_KAFKA_SASL_MECHANISM" . -}}
{{- with $k.sasl.oauth.extensions -}}{{- $_ := set $plain "VERDIKT_KAFKA_OAUTH_EXTENSIONS" (toJson .) -}}{{- end -}}
{{- if eq . "aws-msk-iam" -}}
{{- $_ := set $plain "VERDIKT_KAFKA_AWS_REGION" $k.sasl.awsRegion -}}
{{- else if and (eq . "oauthbearer") $k.sasl.oauth.tokenUrl -}}
{{- $_ := set $plain "VERDIKT_KAFKA_OAUTH_TOKEN_URL" $k.sasl.oauth.tokenUrl -}}
{{- $_ := set $plain "VERDIKT_KAFKA_OAUTH_CLIENT_ID" $k.sasl.oauth.clientId -}}
{{- $_ := set $plain "VERDIKT_KAFKA_OAUTH_CLIENT_SECRET_FILE" "/etc/verdikt/kafka-sasl/client-secret" -}}
{{- with $k.sasl.oauth.scope -}}{{- $_ := set $plain "VERDIKT_KAFKA_OAUTH_SCOPE" . -}}{{- end -}}
{{- else if eq . "oauthbearer" -}}
{{- $_ := set $plain "VERDIKT_KAFKA_SASL_TOKEN_FILE" "/etc/verdikt/kafka-sasl/token" -}}
{{- else -}}
{{- $_ := set $plain "VERDIKT_KAFKA_SASL_PASSWORD_FILE" "/etc/verdikt/kafka-sasl/password" -}}
{{- if $k.sasl.username -}}
{{- $_ := set $plain "VERDIKT_KAFKA_SASL_USERNAME" $k.sasl.username -}}
{{- else -}}
{{- $entries = append $entries (dict "name" "VERDIKT_KAFKA_SASL_USERNAME" "valueFrom" (dict "secretKeyRef" (dict "name" $k.sasl.existingSecret "key" $k.sasl.usernameKey))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $r.existingSecret -}}
{{- $_ := set $plain "VERDIKT_SCHEMA_REGISTRY_PASSWORD_FILE" "/etc/verdikt/registry/password" -}}
{{- $entries = append $entries (dict "name" "VERDIKT_SCHEMA_REGISTRY_USERNAME" "valueFrom" (dict "secretKeyRef" (dict "name" . "key" $r.usernameKey))) -}}
{{- end -}}
{{- with (.tokens | default dict).existingSecret -}}
{{- $entries = append $entries (dict "name" "VERDIKT_TOKENS" "valueFrom" (dict "secretKeyRef" (dict "name" . "key" $.tokens.key))) -}}
{{- end -}}
{{- $o := .operators | default dict -}}
{{- if and $o.enabled $o.existingSecret -}}
{{- $_ := set $plain "VERDIKT_OPERATOR_SASL_PASSWORD_FILE" "/etc/verdikt/operator/password" -}}
{{- if $o.username -}}
{{- $_ := set $plain "VERDIKT_OPERATOR_SASL_USERNAME" $o.username -}}
{{- else -}}
{{- $entries = append $entries (dict "name" "VERDIKT_OPERATOR_SASL_USERNAME" "valueFrom" (dict "secretKeyRef" (dict "name" $o.existingSecret "key" $o.usernameKey))) -}}
{{- end -}}
{{- end -}}
{{- range $field, $value := (.config | default dict) -}}
{{- $_ := set $plain (printf "VERDIKT_%s" (snakecase ($field | replace "MiB" "Mib") | upper)) (include "verdikt.text" $value) -}}
{{- end -}}
{{- range $name, $value := (.plain | default dict) -}}
{{- $_ := set $plain $name (include "verdikt.text" $value) -}}
{{- end -}}
{{- $own := list -}}
{{- range $name, $value := $plain -}}
{{- if ne $value "" -}}{{- $own = append $own (dict "name" $name "value" $value) -}}{{- end -}}
{{- end -}}
{{- $theirs := dict -}}
{{- range .extraEnv -}}
{{- if hasKey $theirs .name -}}{{- fail (printf "extraEnv: %s is given twice" .name) -}}{{- end -}}
{{- $_ := set $theirs .name true -}}
{{- end -}}
{{- $out := list -}}
{{- range concat $own $entries -}}
{{- if not (hasKey $theirs .name) -}}{{- $out = append $out . -}}{{- end -}}
{{- end -}}
{{- concat $out (.extraEnv | default list) | toYaml -}}
{{- end -}}

{{- /* Volumes of a container: (dict "root" $ "kafka" … "operators" … "extra" …). Secrets are files, readable by our group alone. */ -}}
{{- define "verdikt.volumes" -}}
{{- $k := .kafka -}}
- name: tmp
  emptyDir:
    sizeLimit: 32Mi
{{- if $k.tls.enabled }}
{{- if and $k.tls.caKey (or $k.tls.caExistingSecret $k.tls.existingSecret) }}
- name: kafka-ca
  secret:
    secretName: {{ $k.tls.caExistingSecret | default $k.tls.existingSecret }}
    defaultMode: 0440
    items:
      - { key: {{ $k.tls.caKey | quote }}, path: ca.crt }
{{- end }}
{{- if $k.tls.certKey }}
- name: kafka-tls
  secret:
    secretName: {{ $k.tls.existingSecret }}
    defaultMode: 0440
    items:
      - { key: {{ $k.tls.certKey | quote }}, path: tls.crt }
      - { key: {{ $k.tls.keyKey | quote }}, path: tls.key }
{{- end }}
{{- end }}
{{- if and $k.sasl.mechanism (ne $k.sasl.mechanism "aws-msk-iam") }}
- name: kafka-sasl
  secret:
    secretName: {{ $k.sasl.existingSecret }}
    defaultMode: 0440
    items:
      {{- if and (eq $k.sasl.mechanism "oauthbearer") $k.sasl.oauth.tokenUrl }}
      - { key: {{ $k.sasl.oauth.clientSecretKey | quote }}, path: client-secret }
      {{- else if eq $k.sasl.mechanism "oauthbearer" }}
      - { key: {{ $k.sasl.tokenKey | quote }}, path: token }
      {{- else }}
      - { key: {{ $k.sasl.passwordKey | quote }}, path: password }
      {{- end }}
{{- end }}
{{- with .root.Values.schemaRegistry.existingSecret }}
- name: registry
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - { key: {{ $.root.Values.schemaRegistry.passwordKey | quote }}, path: password }
{{- end }}
{{- $o := .operators | default dict }}
{{- if and $o.enabled $o.existingSecret }}
- name: operator
  secret:
    secretName: {{ $o.existingSecret }}
    defaultMode: 0440
    items:
      - { key: {{ $o.passwordKey | quote }}, path: password }
{{- end }}
{{- with .extra }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "verdikt.volumeMounts" -}}
{{- $k := .kafka -}}
- { name: tmp, mountPath: /tmp }
{{- if $k.tls.enabled }}
{{- if and $k.tls.caKey (or $k.tls.caExistingSecret $k.tls.existingSecret) }}
- { name: kafka-ca, mountPath: /etc/verdikt/kafka-ca, readOnly: true }
{{- end }}
{{- if $k.tls.certKey }}
- { name: kafka-tls, mountPath: /etc/verdikt/kafka-tls, readOnly: true }
{{- end }}
{{- end }}
{{- if and $k.sasl.mechanism (ne $k.sasl.mechanism "aws-msk-iam") }}
- { name: kafka-sasl, mountPath: /etc/verdikt/kafka-sasl, readOnly: true }
{{- end }}
{{- if .root.Values.schemaRegistry.existingSecret }}
- { name: registry, mountPath: /etc/verdikt/registry, readOnly: true }
{{- end }}
{{- $o := .operators | default dict }}
{{- if and $o.enabled $o.existingSecret }}
- { name: operator, mountPath: /etc/verdikt/operator, readOnly: true }
{{- end }}
{{- with .extra }}
{{ toYaml . }}
{{- end }}
{{- end -}}
