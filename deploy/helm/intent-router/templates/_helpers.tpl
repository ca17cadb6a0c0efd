{{- /* A service's name is one DNS label of 63 characters: no dots, and room for "-management". */ -}}
{{- define "intent-router.name" -}}
{{- $name := .Release.Name }}
{{- if not (contains .Chart.Name $name) }}{{ $name = printf "%s-%s" $name .Chart.Name }}{{ end }}
{{- $name | replace "." "-" | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "intent-router.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "intent-router.labels" -}}
{{ include "intent-router.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: intent-router
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "intent-router.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "intent-router.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "intent-router.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "intent-router.configMap" -}}
{{- if .Values.existingConfigMap }}{{ .Values.existingConfigMap }}{{ else if or .Values.config .Values.files }}{{ include "intent-router.name" . }}{{ end }}
{{- end }}

{{- define "intent-router.secret" -}}
{{- if .Values.secrets.existing }}{{ .Values.secrets.existing }}{{ else if .Values.secrets.values }}{{ include "intent-router.name" . }}{{ end }}
{{- end }}

{{- /* A ConfigMap key may not contain a slash; the volume puts each file back at its path. */ -}}
{{- define "intent-router.fileKey" -}}
{{ . | replace "/" "__" }}
{{- end }}

{{- /* What cannot work is refused when rendering, not found out at night. */ -}}
{{- define "intent-router.check" -}}
{{- if eq .Values.store.provider "sqlite" }}
{{- if gt (int .Values.replicaCount) 1 }}{{ fail "replicaCount above 1 needs store.provider: postgres; a SQLite file serves one pod" }}{{ end }}
{{- if .Values.autoscaling.enabled }}{{ fail "autoscaling.enabled needs store.provider: postgres; a SQLite file serves one pod" }}{{ end }}
{{- end }}
{{- if and (eq .Values.store.provider "postgres") (not (include "intent-router.secret" .)) }}{{ fail "store.provider: postgres needs Store__Connection among the secrets: set secrets.existing or secrets.values" }}{{ end }}
{{- if and .Values.secrets.values (not .Values.secrets.existing) }}
{{- if and (eq .Values.store.provider "postgres") (not (hasKey .Values.secrets.values "Store__Connection")) }}{{ fail "store.provider: postgres needs secrets.values.Store__Connection" }}{{ end }}
{{- if and .Values.management.expose (not (hasKey .Values.secrets.values "Management__ApiKey")) }}{{ fail "management.expose needs secrets.values.Management__ApiKey" }}{{ end }}
{{- end }}
{{- if and .Values.management.expose (not (include "intent-router.secret" .)) }}{{ fail "management.expose needs Management__ApiKey among the secrets: set secrets.existing or secrets.values" }}{{ end }}
{{- if and .Values.serviceMonitor.enabled (not .Values.management.expose) }}{{ fail "serviceMonitor.enabled needs management.expose: true; the default management listener answers only inside the pod" }}{{ end }}
{{- if and .Values.existingConfigMap (or .Values.config .Values.files) }}{{ fail "existingConfigMap and config/files exclude each other" }}{{ end }}
{{- with .Values.existingConfigMapItems }}
{{- if not $.Values.existingConfigMap }}{{ fail "existingConfigMapItems needs existingConfigMap" }}{{ end }}
{{- $paths := list }}{{ range . }}{{ $paths = append $paths .path }}{{ end }}
{{- if not (has "intent-router.yaml" $paths) }}{{ fail "existingConfigMapItems must put one key at intent-router.yaml" }}{{ end }}
{{- end }}
{{- if and .Values.secrets.existing .Values.secrets.values }}{{ fail "secrets.existing and secrets.values exclude each other" }}{{ end }}
{{- if and .Values.files (not .Values.config) }}{{ fail "files are read by config: set both" }}{{ end }}
{{- $keys := dict "intent-router.yaml" "config" }}
{{- range $path, $_ := .Values.files }}
{{- $key := include "intent-router.fileKey" $path }}
{{- if hasKey $keys $key }}{{ fail (printf "files.%s would overwrite %s in the ConfigMap: rename it" $path (get $keys $key)) }}{{ end }}
{{- $_ := set $keys $key (printf "files.%s" $path) }}
{{- end }}
{{- if and (kindIs "string" .Values.config) .Values.config }}
{{- with (fromYaml .Values.config).Error }}{{ fail (printf "config is not a map in YAML: %s" .) }}{{ end }}
{{- end }}
{{- if eq (int .Values.management.port) 8080 }}{{ fail "management.port 8080 is the public listener's: choose another" }}{{ end }}
{{- $own := list "Urls" "Management__Url" "Store__Provider" "POD_NAME" "OTEL_RESOURCE_ATTRIBUTES" }}
{{- if .Values.publicUrl }}{{ $own = append $own "Public__Url" }}{{ end }}
{{- if include "intent-router.configMap" . }}{{ $own = append $own "INTENTROUTER_CONFIG" }}{{ end }}
{{- if include "intent-router.secret" . }}{{ $own = append $own "INTENTROUTER_SECRETS" }}{{ end }}
{{- if eq .Values.store.provider "sqlite" }}{{ $own = append $own "Store__Connection" }}{{ end }}
{{- if .Values.plugins.existingClaim }}{{ $own = append $own "Plugins__Directory" }}{{ end }}
{{- if .Values.telemetry.otlpEndpoint }}{{ $own = append $own "OTEL_EXPORTER_OTLP_ENDPOINT" }}{{ end }}
{{- range .Values.extraEnv }}
{{- if has .name $own }}{{ fail (printf "extraEnv may not set %s: the chart sets it from its own values" .name) }}{{ end }}
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) }}{{ fail "autoscaling.minReplicas is above autoscaling.maxReplicas" }}{{ end }}
{{- if lt (int .Values.terminationGracePeriodSeconds) (add 30 .Values.preStopSeconds | int) }}{{ fail "terminationGracePeriodSeconds must leave 30 s after preStopSeconds: the router drains for up to 25 s" }}{{ end }}
{{- end }}
