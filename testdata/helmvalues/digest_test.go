// Package helmvalues proves that the digests in golden are what helm-controller shows for these releases: its own
// code computes them, from its own types. It is a module of its own so that fluxsum itself need not depend on
// Kubernetes. Run with -update to rewrite the digests; pkg/helmvalues is held to them.
package helmvalues

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxcd/helm-controller/api/v2"
	"github.com/fluxcd/pkg/chartutil"
	"github.com/go-logr/logr"
	"github.com/opencontainers/go-digest"
	"github.com/rogpeppe/go-internal/txtar"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "rewrite the digests in golden")

// refused stands in place of a digest where helm-controller reports an error.
const refused = "refused"

func TestDigests(t *testing.T) {
	paths, err := filepath.Glob("golden/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d goldens, error %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { check(t, path) })
	}
}

// check holds the digest of one golden true, or makes it so.
func check(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := &archive.Files[len(archive.Files)-1]
	if last.Name != "digest" {
		t.Fatal("the last file is not the digest")
	}
	want := configDigest(t, archive.Files[:len(archive.Files)-1])
	if strings.TrimSpace(string(last.Data)) == want {
		return
	}
	if !*update {
		t.Fatalf("got %s, but helm-controller has %s", last.Data, want)
	}
	last.Data = []byte(want + "\n")
	if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
		t.Fatal(err)
	}
}

// configDigest does what the HelmRelease controller does (helm-controller v1.6.2,
// internal/controller/helmrelease_controller.go) up to status.lastAttemptedConfigDigest.
func configDigest(t *testing.T, files []txtar.File) string {
	var release v2.HelmRelease
	in := cluster{manifests: map[string][]byte{}}
	for _, file := range files {
		if file.Name == "release.yaml" {
			decode(t, file, &release)
		} else {
			in.add(t, file)
		}
	}
	values, err := chartutil.ChartValuesFromReferences(context.Background(), logr.Discard(), in,
		release.Namespace, release.GetValues(), release.Spec.ValuesFrom...)
	if err != nil {
		t.Log(err)
		return refused
	}
	return chartutil.DigestValues(digest.Canonical, values).String()
}

// cluster is a client that knows the manifests of a golden by "Kind/name", and can do nothing but get them.
type cluster struct {
	client.Client
	manifests map[string][]byte
}

// add takes in the manifest of a ConfigMap or Secret.
func (c cluster) add(t *testing.T, file txtar.File) {
	var head struct {
		Kind     string
		Metadata struct{ Name string }
	}
	decode(t, file, &head)
	c.manifests[head.Kind+"/"+head.Metadata.Name] = file.Data
}

// Get decodes the manifest into object, or says that there is none.
func (c cluster) Get(_ context.Context, key client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	kind := "ConfigMap"
	if _, secret := object.(*corev1.Secret); secret {
		kind = "Secret"
	}
	manifest, known := c.manifests[kind+"/"+key.Name]
	if !known {
		return apierrors.NewNotFound(schema.GroupResource{Resource: kind}, key.Name)
	}
	return yaml.Unmarshal(manifest, object)
}

func decode(t *testing.T, file txtar.File, into any) {
	t.Helper()
	if err := yaml.Unmarshal(file.Data, into); err != nil {
		t.Fatalf("%s: %v", file.Name, err)
	}
}
