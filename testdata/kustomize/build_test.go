// Package kustomize proves that the example trees are what Kustomize accepts. It is a module of its own
// so that fluxsum itself need not depend on Kustomize.
package kustomize

import (
	"crypto/md5"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const production = "../matrix-gitops/apps/production"

func TestEveryFolderBuilds(t *testing.T) {
	for _, tree := range []string{"../matrix-gitops", "../layouts"} {
		for _, dir := range kustomizations(t, tree) {
			t.Run(filepath.ToSlash(dir), func(t *testing.T) {
				if build(t, dir).Size() == 0 {
					t.Error("built nothing")
				}
			})
		}
	}
}

func TestHelmReleaseCarriesChecksums(t *testing.T) {
	annotations := find(t, "HelmRelease", "matrix-stack").GetAnnotations()
	for key, file := range map[string]string{
		"element-config-checksum": "element-values.yaml",
		"synapse-config-checksum": "synapse-values.yaml",
	} {
		sum := md5.Sum(source(t, file))
		if got, want := annotations[key], hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: got %q, but %s has %s", key, got, file, want)
		}
	}
}

func TestConfigMapsHoldTheFiles(t *testing.T) {
	for name, file := range map[string]string{
		"ess-element-custom": "element-values.yaml",
		"ess-synapse-custom": "synapse-values.yaml",
	} {
		got := find(t, "ConfigMap", name).GetDataMap()["values.yaml"]
		if want := string(source(t, file)); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// kustomizations returns the folders under tree that hold a kustomization.yaml.
func kustomizations(t *testing.T, tree string) (dirs []string) {
	t.Helper()
	err := filepath.WalkDir(tree, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) == "kustomization.yaml" {
			dirs = append(dirs, filepath.Dir(path))
		}
		return err
	})
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%s: %d folders, error %v", tree, len(dirs), err)
	}
	return dirs
}

func build(t *testing.T, dir string) resmap.ResMap {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// find returns the one resource of that kind and name in the production build.
func find(t *testing.T, kind, name string) *resource.Resource {
	t.Helper()
	for _, r := range build(t, production).Resources() {
		if r.GetKind() == kind && r.GetName() == name {
			return r
		}
	}
	t.Fatalf("no %s %s", kind, name)
	return nil
}

func source(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(production, "custom-configs", file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
