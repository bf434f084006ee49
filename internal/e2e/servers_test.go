package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// What the real source-controller and the image controllers read: each of these servers
// is as small as they let it be.

// serveSources adds all of them.
func serveSources(routes *http.ServeMux) error {
	serveCharts(routes)
	serveBucket(routes)
	newRegistry().serve(routes)
	return serveGit(routes)
}

// serveCharts is a Helm repository with one chart.
func serveCharts(routes *http.ServeMux) {
	routes.HandleFunc("GET /helm/index.yaml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "apiVersion: v1\nentries: {plain: [{apiVersion: v2, name: plain, version: 1.0.0, urls: [plain-1.0.0.tgz]}]}\n")
	})
	routes.HandleFunc("GET /helm/plain-1.0.0.tgz", func(w http.ResponseWriter, _ *http.Request) { w.Write(chart("plain", "1.0.0")) })
}

// serveBucket is an S3 bucket with nothing in it.
func serveBucket(routes *http.ServeMux) {
	routes.HandleFunc("GET /bucket/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		if r.URL.Query().Has("location") {
			fmt.Fprint(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>`)
			return
		}
		fmt.Fprint(w, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`)
	})
}

// serveGit is a Git server with one repository.
func serveGit(routes *http.ServeMux) error {
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return err
	}
	root := live.file("served")
	for _, args := range [][]string{
		{"init", "-q", "-b", "main", root + "/work"},
		{"-C", root + "/work", "commit", "-q", "--allow-empty", "-m", "one"},
		{"clone", "-q", "--bare", root + "/work", root + "/static.git"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	routes.Handle("/git/", &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"), Root: "/git",
		Env:    []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
		Stderr: os.Stderr,
	})
	return nil
}
