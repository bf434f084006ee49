package e2e_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
)

// manifestType is what the manifest of an image is.
const manifestType = "application/vnd.oci.image.manifest.v1+json"

// registry is a container registry with one image, which holds what static holds.
type registry struct {
	blobs    map[string][]byte
	manifest []byte
}

func newRegistry() *registry {
	r := &registry{blobs: map[string][]byte{}}
	// What is made of maps and texts can be written as JSON.
	r.manifest, _ = json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": manifestType,
		"config": r.add("application/vnd.oci.image.config.v1+json", []byte("{}")),
		"layers": []any{r.add("application/vnd.oci.image.layer.v1.tar+gzip", static)},
	})
	r.add(manifestType, r.manifest)
	return r
}

// add stores a blob, and describes it.
func (r *registry) add(kind string, blob []byte) map[string]any {
	r.blobs[digest(blob)] = blob
	return map[string]any{"mediaType": kind, "digest": digest(blob), "size": len(blob)}
}

func digest(blob []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(blob)) }

// serve answers what a client asks who pulls the image, or wants its tags.
func (r *registry) serve(routes *http.ServeMux) {
	routes.HandleFunc("GET /v2/{$}", func(http.ResponseWriter, *http.Request) {})
	routes.HandleFunc("GET /v2/image/tags/list", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"name": "image", "tags": ["1.0.0"]}`)
	})
	routes.HandleFunc("GET /v2/image/manifests/{tag}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", manifestType)
		w.Header().Set("Docker-Content-Digest", digest(r.manifest))
		w.Write(r.manifest)
	})
	routes.HandleFunc("GET /v2/image/blobs/{digest}", func(w http.ResponseWriter, q *http.Request) {
		w.Write(r.blobs[q.PathValue("digest")])
	})
}
