package e2e_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// pause is how long one waits before looking again.
	pause = 200 * time.Millisecond
	// patience is how long one waits for what has to come.
	patience = time.Minute
)

// object is one of the API server, as JSON has it.
type object map[string]any

// at is what stands at a path, such as status.history.0.version; nil when nothing does.
func (o object) at(path string) any {
	var v any = map[string]any(o)
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// text is what stands at a path, as text; "" when nothing does.
func (o object) text(path string) string {
	if v := o.at(path); v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// condition returns the status and the message of a condition.
func (o object) condition(kind string) (status, message string) {
	all, _ := o.at("status.conditions").([]any)
	for _, one := range all {
		if c, _ := one.(map[string]any); c["type"] == kind {
			return fmt.Sprint(c["status"]), fmt.Sprint(c["message"])
		}
	}
	return "", ""
}

// groups are the API groups of the kinds in use.
var groups = map[string]string{
	"Namespace": "api/v1", "ConfigMap": "api/v1", "Secret": "api/v1", "Pod": "api/v1",
	"Deployment": "apis/apps/v1", "StatefulSet": "apis/apps/v1", "DaemonSet": "apis/apps/v1", "ReplicaSet": "apis/apps/v1", "ControllerRevision": "apis/apps/v1",
	"Job": "apis/batch/v1", "CronJob": "apis/batch/v1",
	"CustomResourceDefinition": "apis/apiextensions.k8s.io/v1",
	"HelmRelease":              "apis/helm.toolkit.fluxcd.io/v2",
	"Kustomization":            "apis/kustomize.toolkit.fluxcd.io/v1",
	"Receiver":                 "apis/notification.toolkit.fluxcd.io/v1",
	"GitRepository":            sources, "OCIRepository": sources, "HelmRepository": sources, "HelmChart": sources, "Bucket": sources,
	"ImageRepository": images, "ImagePolicy": images, "ImageUpdateAutomation": images,
}

const (
	sources = "apis/source.toolkit.fluxcd.io/v1"
	images  = "apis/image.toolkit.fluxcd.io/v1"
)

// place is the URL of the objects of a kind, in a namespace where they have one.
func (s *stack) place(kind, namespace string) string {
	plural := strings.ToLower(kind) + "s"
	if before, ok := strings.CutSuffix(plural, "ys"); ok {
		plural = before + "ies"
	}
	if namespace != "" {
		plural = "namespaces/" + namespace + "/" + plural
	}
	return s.Server + "/" + groups[kind] + "/" + plural
}

// errNone says that there is no such object.
var errNone = errors.New("there is no such object")

// get returns an object; errNone when it is not there.
func (s *stack) get(kind, namespace, name string) (object, error) {
	return s.call(http.MethodGet, s.place(kind, namespace)+"/"+name, "", nil)
}

// list returns the objects of a kind in a namespace.
func (s *stack) list(kind, namespace string) ([]object, error) {
	all, err := s.call(http.MethodGet, s.place(kind, namespace), "", nil)
	if err != nil {
		return nil, err
	}
	var items []object
	for _, item := range all.at("items").([]any) {
		items = append(items, item.(map[string]any))
	}
	return items, nil
}

// apply makes an object what a manifest says.
func (s *stack) apply(kind, namespace, name, manifest string) error {
	url := s.place(kind, namespace) + "/" + name + "?fieldManager=e2e&force=true"
	_, err := s.call(http.MethodPatch, url, "application/apply-patch+yaml", []byte(manifest))
	return err
}

// merge changes fields of an object; part is "" or "/status".
func (s *stack) merge(kind, namespace, name, part string, change any) error {
	body, err := json.Marshal(change)
	if err != nil {
		return err
	}
	_, err = s.call(http.MethodPatch, s.place(kind, namespace)+"/"+name+part, "application/merge-patch+json", body)
	return err
}

// call asks the API server.
func (s *stack) call(method, url, content string, body []byte) (object, error) {
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", content)
	answer, err := s.client().Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return nil, err
	case answer.StatusCode == http.StatusNotFound:
		return nil, errNone
	case answer.StatusCode >= http.StatusMultipleChoices:
		return nil, fmt.Errorf("%s %s: %s: %s", method, url, answer.Status, text)
	}
	o := object{}
	return o, json.Unmarshal(text, &o)
}

var clients sync.Map // of each server, once its certificate is there

// client trusts the certificate that the API server made for itself, and has its token.
func (s *stack) client() *http.Client {
	if c, ok := clients.Load(s.Server); ok {
		return c.(*http.Client)
	}
	roots := x509.NewCertPool()
	text, err := os.ReadFile(filepath.Join(s.certificates(), "apiserver.crt"))
	token, _ := os.ReadFile(s.file("token"))
	if err != nil || !roots.AppendCertsFromPEM(text) {
		return http.DefaultClient
	}
	c := &http.Client{Timeout: time.Minute, Transport: bearer{string(token), &http.Transport{MaxIdleConnsPerHost: 64, TLSClientConfig: &tls.Config{RootCAs: roots}}}}
	clients.Store(s.Server, c)
	return c
}

// bearer adds the token of our user to each request.
type bearer struct {
	token string
	next  http.RoundTripper
}

// RoundTrip asks with the token.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}
