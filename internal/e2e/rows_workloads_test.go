package e2e_test

import (
	"strings"
	"testing"
)

// The values are one ConfigMap that the pods of a workload read. What makes pods of
// workloads is Kubernetes; kustomize-controller applies them.
var workloadRows = []row{
	workload("Deployment", row{change: "Deployment, a checksum in its pod template", rules: onTemplate("Deployment"), want: rolls}),
	workload("StatefulSet", row{change: "StatefulSet, the same", rules: onTemplate("StatefulSet"), want: rolls}),
	workload("DaemonSet", row{change: "DaemonSet, the same", rules: onTemplate("DaemonSet"), want: rolls}),
	workload("Deployment", row{change: "Deployment, an annotation of its own", rules: onWorkload("Deployment")}),
	workload("StatefulSet", row{change: "StatefulSet, the same annotation", rules: onWorkload("StatefulSet")}),
	workload("DaemonSet", row{change: "DaemonSet, the same annotation", rules: onWorkload("DaemonSet")}),
	workload("Deployment", row{change: "Deployment, an annotation in `commonAnnotations`", rules: inCommons, files: appFolder("resources: [workload.yaml]\ncommonAnnotations:\n  app-checksum: none\n" + fixedName), want: rolls}),
	workload("Deployment", row{change: "Deployment, no checksum"}),
	workload("Deployment", row{change: "Deployment, the ConfigMap's name with hash", files: appFolder("resources: [workload.yaml]\n" + generated), want: rolls}),
	workload("CronJob", row{change: "CronJob, a checksum in its pod template", rules: []rule{workloadRule("CronJob", "spec.jobTemplate.spec.template.metadata.annotations")}}),
	workload("Job", row{change: "Job, a checksum in its pod template", rules: onTemplate("Job"), want: seen{Fails: "immutable"}}),
	workload("Job", row{change: "Job, an annotation of its own", rules: onWorkload("Job")}),
	workload("Job", row{change: "Job, a checksum in its pod template, `force: true` in its Kustomization", rules: onTemplate("Job"), files: files{"clusters/apps.yaml": kustomization("apps", "app", "  force: true\n")}, want: rolls}),
}

var rolls = seen{Rolled: true}

// workload is a row about one that reads the values.
func workload(kind string, r row) row {
	r.subject, r.now, r.pods = subject{kind, "app"}, two, true
	r.files = appFolder("resources: [workload.yaml]\n" + fixedName).
		with(files{"app/release.yaml": "", "app/workload.yaml": manifestOf(kind)}).with(r.files)
	return r
}

func onTemplate(kind string) []rule {
	return []rule{workloadRule(kind, "spec.template.metadata.annotations")}
}

func onWorkload(kind string) []rule { return []rule{workloadRule(kind, "metadata.annotations")} }

func workloadRule(kind, path string) rule {
	return rule{annotation: "app-checksum", path: path, file: "app/workload.yaml", kind: kind}
}

// manifestOf is a workload of each kind.
func manifestOf(kind string) string {
	pod := "template: {metadata: {labels: {app: app}, annotations: {app-checksum: none}}, spec: {restartPolicy: $RESTART, containers: [{name: app, image: app, envFrom: [{configMapRef: {name: values}}]}]}}"
	version, restart, spec := "apps/v1", "Always", "selector: {matchLabels: {app: app}}, "+pod
	switch kind {
	case "StatefulSet":
		spec = "serviceName: app, " + spec
	case "Job":
		version, restart, spec = "batch/v1", "Never", pod
	case "CronJob":
		version, restart, spec = "batch/v1", "Never", `schedule: "0 0 1 1 *", jobTemplate: {spec: {`+pod+"}}"
	}
	return "apiVersion: " + version + "\nkind: " + kind + "\nmetadata: {name: app, annotations: {app-checksum: none}}\nspec: {" + strings.ReplaceAll(spec, "$RESTART", restart) + "}\n"
}

func TestWorkloads(t *testing.T) { runRows(t, workloadRows, kustomizeController) }
