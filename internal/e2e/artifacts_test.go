package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// artifacts plays the store of source-controller: a path, and what it holds.
var artifacts struct {
	url string
	all sync.Map
}

// startArtifacts serves them, until the program ends.
func startArtifacts() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	artifacts.url = "http://" + l.Addr().String()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /artifacts/", func(w http.ResponseWriter, r *http.Request) {
		text, found := artifacts.all.Load(r.URL.Path)
		if !found {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text.([]byte)))
	})
	go http.Serve(l, routes)
	return serveSources(routes)
}

// offer stores a file, and returns the status of an object of source-controller that
// offers it.
func offer(name, revision string, text []byte) map[string]any {
	path := "/artifacts/" + name
	artifacts.all.Store(path, text)
	return map[string]any{
		"path": path, "url": artifacts.url + path, "revision": revision, "size": len(text),
		"digest": fmt.Sprintf("sha256:%x", sha256.Sum256(text)), "lastUpdateTime": now(),
	}
}

// now is the time as Kubernetes writes it.
func now() string { return time.Now().UTC().Format(time.RFC3339) }

// play writes the status of an object of source-controller: it is ready, with this
// artifact.
func (s *stack) play(kind, namespace, name string, artifact map[string]any) error {
	o, err := s.get(kind, namespace, name)
	if err != nil {
		return err
	}
	ready := map[string]any{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored artifact", "lastTransitionTime": now()}
	return s.merge(kind, namespace, name, "/status", map[string]any{"status": map[string]any{
		"artifact": artifact, "observedGeneration": o.at("metadata.generation"), "conditions": []any{ready},
	}})
}
