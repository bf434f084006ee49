package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// result is what a row gave on a controller.
type result struct {
	Change     string `json:"change"`
	Subject    string `json:"subject"`
	Controller string `json:"controller"`
	Explain    string `json:"explain"`
	seen
	Seconds  float64 `json:"seconds,omitempty"`  // after the push until the last of it
	Upgrades int     `json:"upgrades,omitempty"` // where they were counted
}

// run is all that one run has to tell.
type run struct {
	Date     string            `json:"date"`
	Machine  string            `json:"machine"`
	Silence  float64           `json:"silence"`
	Versions map[string]string `json:"versions"`
	Results  []result          `json:"results"`
	Digests  int               `json:"digests"` // of releases of all shapes, that were those foretold

	mutex sync.Mutex
}

var results run

// add notes what was seen after a change, and tells it.
func (all *run) add(one result) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	one.Seconds = one.After.Round(10 * time.Millisecond).Seconds()
	all.Results = append(all.Results, one)
	say("%-20s %s: %s", one.Controller, one.Change, one.cell())
}

// note notes what a release did.
func (all *run) note(change string, s *site, explain string, saw seen) {
	all.add(result{Change: change, Subject: "HelmRelease", Controller: s.helm, Explain: explain, seen: saw})
}

// counted notes how many upgrades a release made.
func (all *run) counted(change string, s *site, explain string, upgrades int, saw seen) {
	all.add(result{Change: change, Subject: "HelmRelease", Controller: s.helm, Explain: explain, seen: saw, Upgrades: upgrades})
}

// foretold counts a digest that was the one that explain foretold.
func (all *run) foretold() {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	all.Digests++
}

// write keeps all in bin/e2e.json, and the tables.
func (all *run) write() error {
	if len(all.Results) == 0 {
		return nil
	}
	all.Date, all.Silence, all.Versions = time.Now().UTC().Format(time.DateOnly), silence.Seconds(), live.Versions
	all.Machine = machine()
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(kept, "e2e.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return all.keepTables()
}

// kept is where what a run saw is kept.
const kept = "../../bin"
