package rollout

import "testing"

// TestMergedIsTheSameInEitherOrder: of an object that two builds make, nothing depends on
// which of them is looked at first.
func TestMergedIsTheSameInEitherOrder(t *testing.T) {
	states := []Arrival{RolledOut, Applied, NotYet, NotThere, Held, Broken, Untold}
	for _, a := range states {
		for _, b := range states {
			for _, final := range []bool{false, true} {
				one, other := Status{State: a, Final: final, folders: []string{"a"}}, Status{State: b, folders: []string{"b"}}
				x, y := merged(one, other), merged(other, one)
				if x.Done() != y.Done() || x.Missing() != y.Missing() || x.Final != y.Final || x.Done() && x.State != y.State {
					t.Errorf("%s and %s: %s (final %v), the other way round %s (final %v)", a, b, x.State, x.Final, y.State, y.Final)
				}
				if x.Done() != (one.Done() && other.Done()) {
					t.Errorf("%s and %s: %s", a, b, x.State)
				}
			}
		}
	}
}

// TestMergedOfThree: the build that the cluster has by its label counts alone, and what
// cannot be told stays so.
func TestMergedOfThree(t *testing.T) {
	done, missing, elsewhere := Status{State: RolledOut}, Status{State: NotYet}, Status{State: Untold, other: true}
	if got := merged(merged(elsewhere, done), elsewhere); got.State != RolledOut {
		t.Errorf("%s, expected that of the one that is labelled", got.State)
	}
	if got := merged(merged(done, missing), missing); got.State != Untold {
		t.Errorf("%s, expected that it cannot be told", got.State)
	}
}

func TestWhichClusterNamesFoldersThatDiffer(t *testing.T) {
	const ask = ": --path names the folder of the cluster"
	for want, folders := range map[string][]string{
		ask:                          {"clusters", "clusters"},
		ask + ", a or b":             {"b", "a", "b"},
		ask + ", a or b or c or ...": {"d", "c", "b", "a"},
	} {
		kept := append([]string{}, folders...)
		if got := whichCluster(folders); got != want {
			t.Errorf("%v: %s, expected %s", folders, got, want)
		}
		for i := range kept {
			if kept[i] != folders[i] {
				t.Errorf("%v has become %v", kept, folders)
			}
		}
	}
}
