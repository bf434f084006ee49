package e2e_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"maps"
	"slices"
)

// charts are the charts of the tests, by name: file -> text.
var charts = map[string]files{
	// plain renders one ConfigMap from all values; a name that Kubernetes refuses where
	// the values say so.
	"plain": {"templates/configmap.yaml": configMap},
	// strict is plain with a schema that knows one key.
	"strict": {"templates/configmap.yaml": configMap, "values.schema.json": `{"type": "object", "additionalProperties": false, "properties": {"greeting": {"type": "string"}}}`},
	// pods renders a Deployment, as most charts do.
	"pods": {"templates/deployment.yaml": deployment},
}

const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ if .Values.broken }}Not_A_Name{{ else }}{{ .Release.Name }}-out{{ end }}
data:
  values: {{ toJson .Values | quote }}
  version: {{ .Chart.Version }}
`

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations: {{ toJson .Values.podAnnotations }}
    spec:
      containers: [{name: app, image: app}]
---
` + configMap

// chart packs one as Helm does.
func chart(name, version string) []byte {
	all := files{name + "/Chart.yaml": "apiVersion: v2\nname: " + name + "\nversion: " + version + "\n"}
	for file, text := range charts[name] {
		all[name+"/"+file] = text
	}
	return packed(all)
}

// packed are files as tar.gz.
func packed(all files) []byte {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, file := range slices.Sorted(maps.Keys(all)) {
		// What is written into memory cannot fail.
		w.WriteHeader(&tar.Header{Name: file, Mode: 0o644, Size: int64(len(all[file]))})
		w.Write([]byte(all[file]))
	}
	w.Close()
	zip.Close()
	return b.Bytes()
}
