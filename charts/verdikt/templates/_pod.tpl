{{- /* Start of every pod spec: (dict "root" $ "serviceAccount" …) */ -}}
{{- define "verdikt.podBase" -}}
serviceAccountName: {{ .serviceAccount }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Start of every container. */ -}}
{{- define "verdikt.containerBase" -}}
image: {{ include "verdikt.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- toYaml .root.Values.containerSecurityContext | nindent 2 }}
{{- with .resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Seconds from SIGTERM to SIGKILL: what the service may take, and 5 s to spare. */ -}}
{{- define "verdikt.grace" -}}
{{- $w := index .root.Values .component -}}
{{- if $w.terminationGracePeriodSeconds -}}{{ $w.terminationGracePeriodSeconds }}
{{- else -}}
{{- $stop := include "verdikt.field" (dict "root" .root "component" .component "field" "stopTimeoutMs") | float64 -}}
{{- add (divf $stop 1000.0 | ceil | int) ($w.preStopSleepSeconds | default 0 | int) 5 -}}
{{- end -}}
{{- end -}}

{{- /* Deployment of a service: (dict "root" $ "component" "producer"|"processor" "role" "edge"|"processor" "scaled" bool) */ -}}
{{- define "verdikt.deployment" -}}
{{- $root := .root -}}
{{- $w := index $root.Values .component -}}
{{- $names := dict "root" $root "component" .role -}}
{{- $kafka := include "verdikt.kafka" (dict "root" $root "override" $w.kafka "role" .role) | fromJson -}}
{{- $operators := eq .role "edge" | ternary (include "verdikt.operators" $root | fromJson) dict -}}
{{- $volumes := dict "root" $root "kafka" $kafka "operators" $operators -}}
{{- $view := $w.view | default dict -}}
{{- $resources := deepCopy ($w.resources | default dict) -}}
{{- $config := deepCopy ($w.config | default dict) -}}
{{- if $view.enabled -}}
{{- $_ := set $config "view" true -}}
{{- $_ := set $config "viewDirectory" "/var/lib/verdikt/view" -}}
{{- $_ := mergeOverwrite $resources (dict "requests" (dict "ephemeral-storage" $view.storage) "limits" (dict "ephemeral-storage" $view.storage)) -}}
{{- end -}}
{{- if $operators.enabled -}}{{- $_ := set $config "operators" true -}}{{- end -}}
{{- if and (eq .component "processor") (not (dig "limits" "memory" "" $resources)) -}}
{{- $memory := printf "%dMi" (include "verdikt.field" (dict "root" $root "component" .component "field" "memoryLimitMiB") | int | default 256) -}}
{{- $_ := mergeOverwrite $resources (dict "requests" (dict "memory" (dig "requests" "memory" $memory $resources)) "limits" (dict "memory" $memory)) -}}
{{- end -}}
{{- $management := include "verdikt.field" (dict "root" $root "component" .component "field" "managementPort") | int -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "verdikt.metadata" (merge (dict "suffix" .role) $names) | nindent 2 }}
spec:
  {{- if and (not .scaled) (not (kindIs "invalid" $w.replicas)) }}
  replicas: {{ $w.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    {{- toYaml $w.strategy | nindent 4 }}
  selector:
    matchLabels:
      {{- include "verdikt.selectorLabels" $names | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "verdikt.labels" $names | nindent 8 }}
        {{- with $w.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        {{- merge (dict) ($w.podAnnotations | default dict) (dict "kubectl.kubernetes.io/default-container" .role) | toYaml | nindent 8 }}
    spec:
      {{- include "verdikt.podBase" (dict "root" $root "serviceAccount" (include "verdikt.serviceAccountName" $root)) | nindent 6 }}
      terminationGracePeriodSeconds: {{ include "verdikt.grace" . }}
      {{- with $w.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $w.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $w.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      affinity:
        {{- if $w.affinity }}
        {{- toYaml $w.affinity | nindent 8 }}
        {{- else }}
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector:
                  matchLabels:
                    {{- include "verdikt.selectorLabels" $names | nindent 20 }}
        {{- end }}
      {{- with $w.topologySpreadConstraints }}
      topologySpreadConstraints:
        {{- range . }}
        - labelSelector:
            matchLabels:
              {{- include "verdikt.selectorLabels" $names | nindent 14 }}
          {{- if not .matchLabelKeys }}
          matchLabelKeys: [pod-template-hash]
          {{- end }}
          {{- omit . "labelSelector" | toYaml | nindent 10 }}
        {{- end }}
      {{- end }}
      containers:
        - name: {{ .role }}
          args: [{{ .component }}]
          {{- include "verdikt.containerBase" (dict "root" $root "resources" $resources) | nindent 10 }}
          env:
            {{- include "verdikt.env" (dict "root" $root "kafka" $kafka "config" $config "tokens" $w.tokens "operators" $operators "extraEnv" $w.extraEnv) | nindent 12 }}
          {{- with $w.extraEnvFrom }}
          envFrom:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            {{- if eq .component "producer" }}
            - { name: http, containerPort: {{ include "verdikt.field" (dict "root" $root "component" .component "field" "port") | int }}, protocol: TCP }
            {{- end }}
            - { name: management, containerPort: {{ $management }}, protocol: TCP }
          startupProbe:
            httpGet: { path: /livez, port: management }
            {{- toYaml $w.startupProbe | nindent 12 }}
          readinessProbe:
            httpGet: { path: /readyz, port: management }
            {{- toYaml $w.readinessProbe | nindent 12 }}
          livenessProbe:
            httpGet: { path: /livez, port: management }
            {{- toYaml $w.livenessProbe | nindent 12 }}
          {{- if gt ($w.preStopSleepSeconds | default 0 | int) 0 }}
          lifecycle:
            preStop:
              sleep: { seconds: {{ $w.preStopSleepSeconds | int }} }
          {{- end }}
          volumeMounts:
            {{- include "verdikt.volumeMounts" (merge (dict "extra" $w.extraVolumeMounts) $volumes) | nindent 12 }}
            {{- if $view.enabled }}
            - { name: view, mountPath: /var/lib/verdikt }
            {{- end }}
      volumes:
        {{- include "verdikt.volumes" (merge (dict "extra" $w.extraVolumes) $volumes) | nindent 8 }}
        {{- if $view.enabled }}
        - name: view
          emptyDir:
            sizeLimit: {{ $view.storage }}
        {{- end }}
{{- end -}}

{{- define "verdikt.pdb" -}}
{{- $w := index .root.Values .component -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "verdikt.metadata" (dict "root" .root "component" .role "suffix" .role) | nindent 2 }}
spec:
  {{- if not (kindIs "invalid" $w.pdb.minAvailable) }}
  minAvailable: {{ $w.pdb.minAvailable }}
  {{- else }}
  maxUnavailable: {{ $w.pdb.maxUnavailable }}
  {{- end }}
  # A pod that is not ready serves nobody; it must not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "verdikt.selectorLabels" (dict "root" .root "component" .role) | nindent 6 }}
{{- end -}}

{{- /* (dict "root" $ "component" … "role" … "max" …) */ -}}
{{- define "verdikt.hpa" -}}
{{- $a := (index .root.Values .component).autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "verdikt.metadata" (dict "root" .root "component" .role "suffix" .role) | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "verdikt.fullname" .root }}-{{ .role }}
  minReplicas: {{ $a.minReplicas }}
  maxReplicas: {{ .max }}
  metrics:
    {{- if $a.targetCPUUtilizationPercentage }}
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: {{ $a.targetCPUUtilizationPercentage }} }
    {{- end }}
    {{- /* The backlog leaves out tasks that take no new words: more pods would not help them. */ -}}
    {{- range list $a.backlog $a.dueLag }}
    {{- if dig "enabled" false (. | default dict) }}
    - type: External
      external:
        metric:
          name: {{ .metricName }}
          selector:
            matchLabels:
              namespace: {{ $.root.Release.Namespace }}
              group: {{ $.root.Values.topics.group }}
        target: { type: AverageValue, averageValue: {{ .target | quote }} }
    {{- end }}
    {{- end }}
    {{- with $a.metrics }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $a.behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
