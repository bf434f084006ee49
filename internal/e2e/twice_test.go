package e2e_test

import (
	"strconv"
	"testing"
	"time"
)

// A release that names the version of its chart: helm-controller makes the HelmChart,
// and the tests play source-controller for that.
func versioned(version string) files {
	return files{"app/release.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app\nspec:\n  interval: 1h\n" +
		"  chart: {spec: {chart: plain, version: " + version + ", sourceRef: {kind: HelmRepository, name: played}}}\n" +
		"  install: {disableWait: true}\n  upgrade: {disableWait: true}\n  valuesFrom: [{kind: ConfigMap, name: values}]\n"}
}

// TestChartAndValuesInOneCommit: one upgrade with a checksum in requestedAt, one or two
// with the watch label.
func TestChartAndValuesInOneCommit(t *testing.T) {
	for name, c := range map[string]struct {
		files files
		most  int
	}{
		"chart version and values in one commit, `requestedAt`":   {config(byRequest), 1},
		"chart version and values in one commit, the watch label": {watched, 2},
	} {
		t.Run(name, func(t *testing.T) {
			eachHelm(t, func(s *site) {
				told, upgrades, saw := s.upgradeChart(c.files)
				results.counted(name, s, told, upgrades, saw)
				if upgrades < 1 || upgrades > c.most {
					s.t.Errorf("%d upgrades, expected 1 to %d", upgrades, c.most)
				}
			})
		})
	}
}

// upgradeChart changes the version of the chart and the values in one commit, and
// counts the upgrades.
func (s *site) upgradeChart(more files) (told string, upgrades int, saw seen) {
	s.t.Helper()
	s.write(base.with(versioned("1.0.0")).with(more))
	s.commit()
	s.deploy()
	s.playChart("1.0.0")
	before := s.settled(theApp)
	s.write(two.with(versioned("2.0.0")))
	told = s.told("app/values.yaml")
	s.commit()
	s.deploy()
	s.playChart("2.0.0")
	saw = s.watch(theApp, before, time.Now().Add(silence))
	first, _ := strconv.Atoi(before.version)
	last, _ := strconv.Atoi(s.look(theApp).version)
	return told, last - first, saw
}

// playChart plays source-controller for the HelmChart of the release, once that asks
// for a version.
func (s *site) playChart(version string) {
	s.t.Helper()
	name := s.namespace + "-app"
	s.until("the release asks for version "+version+" of its chart", func() bool {
		o, err := live.get("HelmChart", s.namespace, name)
		return err == nil && o.text("spec.version") == version
	})
	s.offerChart(name, "plain", version)
}
