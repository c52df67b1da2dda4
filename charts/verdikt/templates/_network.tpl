{{- define "verdikt.urlPort" -}}
{{- $u := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $u.host -}}
{{- if $port -}}{{ trimPrefix ":" $port }}{{- else if eq $u.scheme "https" -}}443{{- else -}}80{{- end -}}
{{- end -}}

{{- define "verdikt.egress" -}}
- ports:
    {{- range .ports | uniq }}
    - { port: {{ int . }}, protocol: TCP }
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
