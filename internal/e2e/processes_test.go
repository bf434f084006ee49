package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// How much of a log is shown when something went wrong.
const (
	shownLines = 8
	shownWidth = 400
)

// process is a program of the stack that runs.
type process struct {
	name, log string
	cmd       *exec.Cmd
	ended     chan struct{}
}

// run starts a program whose output goes into a log. It ends with us on Linux,
// whatever becomes of us.
func (s *stack) run(name, program string, env []string, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(s.Dir, name+".log"), ended: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.Command(program, args...)
	p.cmd.Dir, p.cmd.Env = s.Dir, append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	endWithParent(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.cmd.Wait(); close(p.ended) }()
	s.processes = append(s.processes, p)
	return p, nil
}

// await waits until a process answers. The error shows the end of its log.
func (p *process) await(ctx context.Context, answers func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !answers() {
		select {
		case <-ctx.Done():
			return p.failed(ctx.Err())
		case <-p.ended:
			return p.failed(fmt.Errorf("it ended: %s", p.cmd.ProcessState))
		case <-time.After(pause):
		}
	}
	return nil
}

func (p *process) failed(err error) error {
	return fmt.Errorf("%s does not answer: %w\nthe end of its log:\n%s", p.name, err, p.tail())
}

// tail is the end of its log.
func (p *process) tail() string {
	text, _ := os.ReadFile(p.log)
	return lastLines(string(text))
}

// lastLines are the last lines of a log, each as far as it is of use.
func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	lines = lines[max(0, len(lines)-shownLines):]
	for i, line := range lines {
		lines[i] = line[:min(len(line), shownWidth)]
	}
	return strings.Join(lines, "\n")
}

// ok says whether a URL answers.
func ok(client *http.Client, url string) bool {
	answer, err := client.Get(url)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// stop ends all processes, the youngest first. Nothing of theirs is kept.
func (s *stack) stop() {
	for i := len(s.processes) - 1; i >= 0; i-- {
		s.processes[i].cmd.Process.Kill()
		<-s.processes[i].ended
	}
}

// showLogs shows the ends of all logs.
func (s *stack) showLogs() {
	for _, p := range s.processes {
		fmt.Fprintf(os.Stderr, "--- end of the log of %s\n%s\n", p.name, p.tail())
	}
}

// lastPort is the last that was given away. The ports below those that systems give to
// clients stay free until they are used; where to begin is chance, for another stack
// may be started at the same time.
var lastPort = 20000 + rand.IntN(8000)

// freeAddress is a loopback address that nobody uses.
func freeAddress() (string, error) {
	for range 1000 {
		lastPort++
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lastPort))
		if err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", fmt.Errorf("no port is free below %d", lastPort)
}
