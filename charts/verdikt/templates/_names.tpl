{{- define "verdikt.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- /* At most 40: room for `-processor-metrics` and the like within 63. A release may have dots in its name, a Service may not. */ -}}
{{- define "verdikt.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "verdikt.name" .) .Release.Name -}}
{{- .Release.Name | replace "." "-" | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | replace "." "-") (include "verdikt.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* (dict "root" $ "component" …) */ -}}
{{- define "verdikt.selectorLabels" -}}
app.kubernetes.io/name: {{ include "verdikt.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "verdikt.labels" -}}
{{ include "verdikt.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: verdikt
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* (dict "root" $ "component" … "suffix" … "annotations" … "labels" …): the whole metadata. */ -}}
{{- define "verdikt.metadata" -}}
name: {{ include "verdikt.fullname" .root }}{{ with .suffix }}-{{ . }}{{ end }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- merge (include "verdikt.labels" . | fromYaml) (.labels | default dict) | toYaml | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "verdikt.image" -}}
{{- $i := .Values.image -}}
{{- if $i.digest -}}{{ $i.repository }}@{{ $i.digest }}
{{- else -}}{{ $i.repository }}:{{ $i.tag | default .Chart.AppVersion }}{{- end -}}
{{- end -}}

{{- define "verdikt.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}{{ .Values.serviceAccount.name | default (include "verdikt.fullname" .) }}
{{- else -}}{{ .Values.serviceAccount.name | default "default" }}{{- end -}}
{{- end -}}

{{- /* (dict "root" $ "mode" … "api" "group/version/Kind" "value" path of the switch): non-empty when to be rendered. */ -}}
{{- define "verdikt.render" -}}
{{- if eq .mode "alwaysRender" -}}true
{{- else if .root.Capabilities.APIVersions.Has .api -}}true
{{- else if eq .mode "failIfMissing" -}}
{{- fail (printf "%s: the cluster does not know %s. Install it first, or set %s.renderMode to skipIfMissing, or to alwaysRender where templates are rendered without a cluster" .value .api .value) -}}
{{- end -}}
{{- end -}}

{{- /* One field of a service, or its default there: (dict "root" $ "component" "producer" "field" …) */ -}}
{{- define "verdikt.field" -}}
{{- $given := (index .root.Values .component).config | default dict -}}
{{- $defaults := index (.root.Files.Get "files/service-defaults.json" | fromJson) .component -}}
{{- (hasKey $given .field | ternary (index $given .field) (index $defaults .field)) | toJson -}}
{{- end -}}

{{- /* Name of the system, which is Kafka's group id; as core/record/system.ts makes it. */ -}}
{{- define "verdikt.system" -}}
{{- printf "%s/%s" (include "verdikt.topicNames" . | fromJson).words .Values.topics.group -}}
{{- end -}}

{{- /* Names of the topics, as core/record/topics.ts makes them: JSON by role. */ -}}
{{- define "verdikt.topicNames" -}}
{{- $c := .Values.processor.config | default dict -}}
{{- $p := .Values.topics.prefix -}}
{{- $words := $c.sourceTopic | default (printf "%swords" $p) -}}
{{- dict
  "words" $words
  "results" ($c.resultTopic | default (printf "%sresults" $p))
  "retry" (printf "%s.retry.%s" $words .Values.topics.group)
  "deadLetters" ($c.deadLetterTopic | default (printf "%s.dlq" $words))
  "control" (printf "%s.control.%s" $words .Values.topics.group)
  "quarantine" (printf "%s.quarantine" $words) | toJson -}}
{{- end -}}

{{- define "verdikt.hasKeda" -}}
{{- $k := .Values.processor.keda -}}
{{- if and .Values.processor.enabled $k.enabled -}}
{{- include "verdikt.render" (dict "root" . "mode" $k.renderMode "api" (printf "%s/ScaledObject" $k.apiVersion) "value" "processor.keda") -}}
{{- end -}}
{{- end -}}
