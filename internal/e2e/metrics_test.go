package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// metrics are those of a controller, asked for at most once a pause.
type metrics struct {
	mutex sync.Mutex
	at    time.Time
	text  string
}

var (
	metricsMutex sync.Mutex
	metricsOf    = map[string]*metrics{}
)

// reconciles is how often a controller has reconciled an object, as itself counts it.
func (s *stack) reconciles(controller, kind, namespace, name string) (int, error) {
	text, err := s.metrics(controller)
	if err != nil {
		return 0, err
	}
	begin := fmt.Sprintf("gotk_reconcile_duration_seconds_count{kind=%q,name=%q,namespace=%q} ", kind, name, namespace)
	_, rest, found := strings.Cut(text, begin)
	if !found {
		return 0, nil
	}
	var count int
	_, err = fmt.Sscan(rest, &count)
	return count, err
}

func (s *stack) metrics(controller string) (string, error) {
	metricsMutex.Lock()
	m := metricsOf[controller]
	if m == nil {
		m = &metrics{}
		metricsOf[controller] = m
	}
	metricsMutex.Unlock()
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if time.Since(m.at) < pause {
		return m.text, nil
	}
	answer, err := http.Get(s.Controllers[controller].Metrics)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	m.text, m.at = string(text), time.Now()
	return m.text, err
}
