package e2e_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// startServer starts etcd, kube-apiserver, and of the controllers of Kubernetes those
// that make pods of workloads. Nothing runs the pods, and nothing has to.
func (s *stack) startServer(ctx context.Context, tools map[string]tool) error {
	kubernetes := tools["kubernetes"]
	s.Kubectl = kubernetes.path("kubectl")
	store, err := s.startEtcd(ctx, tools["etcd"])
	if err != nil {
		return err
	}
	if err := s.startAPI(ctx, kubernetes, store); err != nil {
		return err
	}
	if s.Versions["kubernetes"], err = kubernetes.version("kubectl"); err != nil {
		return err
	}
	_, err = s.run("kube-controller-manager", kubernetes.path("kube-controller-manager"), nil,
		"--kubeconfig="+s.kubeconfig(), "--secure-port=0", "--leader-elect=false",
		"--controllers=deployment,replicaset,statefulset,daemonset,cronjob,job")
	return err
}

func (s *stack) startEtcd(ctx context.Context, etcd tool) (url string, err error) {
	clients, peers, err := twoAddresses()
	if err != nil {
		return "", err
	}
	if s.Versions["etcd"], err = etcd.version("server"); err != nil {
		return "", err
	}
	url, peers = "http://"+clients, "http://"+peers
	p, err := s.run("etcd", etcd.path("server"), nil, "--data-dir="+filepath.Join(s.Dir, "etcd"), "--unsafe-no-fsync",
		"--listen-client-urls="+url, "--advertise-client-urls="+url,
		"--listen-peer-urls="+peers, "--initial-advertise-peer-urls="+peers, "--initial-cluster=default="+peers)
	if err != nil {
		return "", err
	}
	return url, p.await(ctx, func() bool { return ok(http.DefaultClient, url+"/health") })
}

func twoAddresses() (one, other string, err error) {
	if one, err = freeAddress(); err != nil {
		return "", "", err
	}
	other, err = freeAddress()
	return one, other, err
}

// startAPI starts the API server. Its one user may do everything; its key for service
// accounts is one that nobody uses.
func (s *stack) startAPI(ctx context.Context, kubernetes tool, store string) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	if err := s.writeSecrets(address); err != nil {
		return err
	}
	host, port, _ := net.SplitHostPort(address)
	p, err := s.run("kube-apiserver", kubernetes.path("kube-apiserver"), nil, "--etcd-servers="+store,
		"--bind-address="+host, "--secure-port="+port, "--cert-dir="+s.certificates(), "--token-auth-file="+s.file("tokens.csv"),
		"--service-account-issuer=https://e2e.invalid", "--service-account-key-file="+s.file("key.pem"),
		"--service-account-signing-key-file="+s.file("key.pem"), "--service-cluster-ip-range=10.0.0.0/24",
		"--disable-admission-plugins=ServiceAccount", "--endpoint-reconciler-type=none")
	if err != nil {
		return err
	}
	return p.await(ctx, func() bool { return ok(s.client(), s.Server+"/readyz") })
}

func (s *stack) file(name string) string { return filepath.Join(s.Dir, name) }
func (s *stack) certificates() string    { return s.file("certificates") }
func (s *stack) kubeconfig() string      { return s.file("kubeconfig") }

// writeSecrets writes the user's token, the kubeconfig with it, and the key.
func (s *stack) writeSecrets(address string) error {
	s.Server = "https://" + address
	token := rand.Text()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"token":      token,
		"tokens.csv": token + `,e2e,e2e,"system:masters"` + "\n",
		"key.pem":    string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		"kubeconfig": fmt.Sprintf(kubeconfig, s.Server, filepath.Join(s.certificates(), "apiserver.crt"), token),
	} {
		if err := os.WriteFile(s.file(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: e2e, cluster: {server: "%s", certificate-authority: "%s"}}]
users: [{name: e2e, user: {token: "%s"}}]
contexts: [{name: e2e, context: {cluster: e2e, user: e2e}}]
current-context: e2e
`
