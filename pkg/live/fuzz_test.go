package live_test

import (
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/live"
)

// FuzzRead: whatever is printed, there is a cluster or an error, and what is asked of its
// objects has an answer: those of the name, and of a kind that was met.
func FuzzRead(f *testing.F) {
	f.Add(`{"kind": "List", "items": [{"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "a"}, "spec": {"a": [{"b": 1}]}}]}`)
	f.Add(`{"kind": "DeploymentList", "apiVersion": "apps/v1", "items": [{"metadata": {"name": "helm-controller"}, "spec": {"replicas": 3, "template": {"spec": {"containers": [{"image": "a/helm-controller:v1.6.2@sha256:0"}]}}}}]}`)
	f.Add(`{"kind": "List", "items": [{"kind": "List", "items": [{}]}]} {"kind": "Pod"}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := live.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		c.HelmController()
		for _, o := range c.Find("apps", "Deployment", "", "helm-controller") {
			if o.Metadata.Name != "helm-controller" || o.Kind != "Deployment" || !c.Has("apps", "Deployment") {
				t.Errorf("asked for Deployment helm-controller, found %s %s", o.Kind, o.Metadata.Name)
			}
		}
		for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet"} {
			for _, o := range c.Find("apps", kind, "", "helm-controller") {
				o.Rolling()
			}
		}
		for _, o := range c.Find("helm.toolkit.fluxcd.io", "HelmRelease", "", "a") {
			o.Digest(true)
			o.Digest(false)
			o.Value([]string{"spec", "a", "0", "b"})
		}
	})
}
