package cli

import "testing"

func TestBoundedTakesNoMore(t *testing.T) {
	b := bounded{max: 4}
	if n, err := b.Write([]byte("1234")); n != 4 || err != nil || b.full {
		t.Fatalf("took %d of 4 bytes (%v), full: %v", n, err, b.full)
	}
	if n, err := b.Write([]byte("5")); n != 0 || err == nil || !b.full || string(b.text) != "1234" {
		t.Errorf("took %d more (%v), full: %v, holds %q", n, err, b.full, b.text)
	}
}

func TestAnEndlessLineIsCut(t *testing.T) {
	says := &kubectlErrors{k: &kubectl{silent: true}}
	for range 3 {
		if n, err := says.Write(make([]byte, maxLine)); n != maxLine || err != nil {
			t.Fatal(n, err)
		}
	}
	if len(says.rest) > maxLine {
		t.Errorf("keeps %d bytes of a line, expected %d at most", len(says.rest), maxLine)
	}
}
