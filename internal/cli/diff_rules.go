package cli

import (
	"context"
	"io"
	"slices"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// mostConfigs is how many versions of the config are looked at.
const mostConfigs = 100

// findAsRulesWere looks for what was not found with the sources that the rules had
// in earlier configs: a file may have come to a rule later than to the repository.
func (d *differing) findAsRulesWere(ctx context.Context, from repo.Commit) error {
	if from.ID == "" || !d.hasUnfound() {
		return nil
	}
	configs, err := d.configs(ctx, from)
	if err != nil {
		return err
	}
	var all []*repo.Sought
	of := map[*repo.Sought]*repo.Sought{}
	for _, key := range d.keys {
		s := d.sought[key]
		if s.Found != nil {
			continue
		}
		for _, rule := range d.ruleWas(key.rule, configs) {
			variant := d.seek(rule, key.recorded)
			of[variant] = s
			all = append(all, variant)
		}
	}
	if len(all) == 0 {
		return nil
	}
	search := *d.search // what it has looked at is not what the rules are about now
	err = search.Find(ctx, from, all)
	for _, variant := range all {
		if s := of[variant]; s.Found == nil {
			s.Found = variant.Found
		}
	}
	return err
}

func (d *differing) hasUnfound() bool {
	for _, s := range d.sought {
		if s.Found == nil {
			return true
		}
	}
	return false
}

// configs are the earlier ones, newest first, as far as they can be read.
func (d *differing) configs(ctx context.Context, from repo.Commit) ([]*fluxsum.Config, error) {
	blobs, err := d.history.Versions(ctx, from, d.fromTop(d.configName), mostConfigs)
	if err != nil {
		return nil, err
	}
	var all []*fluxsum.Config
	for _, id := range blobs {
		text, err := d.history.Blob(id)
		if err != nil {
			continue
		}
		bytes, err := io.ReadAll(io.LimitReader(text, fluxsum.MaxConfig))
		text.Close()
		if err != nil {
			continue
		}
		if config, err := fluxsum.ReadConfig(fluxsum.ConfigName, bytes); err == nil {
			all = append(all, config)
		}
	}
	return all, nil
}

// ruleWas is what a rule was in earlier configs, where it had other sources.
func (d *differing) ruleWas(name string, configs []*fluxsum.Config) []*fluxsum.Rule {
	known := [][]string{d.config.Rule(name).Files}
	var all []*fluxsum.Rule
	for _, c := range configs {
		rule := c.Rule(name)
		if rule == nil || slices.ContainsFunc(known, func(files []string) bool { return slices.Equal(files, rule.Files) }) {
			continue
		}
		known = append(known, rule.Files)
		all = append(all, rule)
	}
	return all
}
