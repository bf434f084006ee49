package checksum_test

import (
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

func TestAlgorithms(t *testing.T) {
	for _, a := range checksum.Algorithms() {
		if !a.Valid() || a.New() == nil {
			t.Errorf("%s: valid %v, hash %v", a, a.Valid(), a.New())
		}
	}
	for _, a := range []checksum.Algorithm{"", "MD5", "sha384"} {
		if a.Valid() || a.New() != nil {
			t.Errorf("%q counts as an algorithm", a)
		}
	}
}

func TestContents(t *testing.T) {
	for _, c := range checksum.Contents() {
		if !c.Valid() {
			t.Errorf("%q is not valid", c)
		}
	}
	if checksum.Content("").Valid() || checksum.Content("json").Valid() {
		t.Error("an unknown content is valid")
	}
}

func TestSumNamesTheChoices(t *testing.T) {
	_, err := checksum.Algorithm("crc32").Sum(checksum.Bytes, strings.NewReader(""))
	wantError(t, err, `found algorithm "crc32", expected one of ["md5" "sha1" "sha256" "sha512"]`)
	_, err = checksum.MD5.Sum("json", strings.NewReader(""))
	wantError(t, err, `found content "json", expected one of ["bytes" "yaml" "sops"]`)
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
