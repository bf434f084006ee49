package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/blakesmith/ar"
	rpm "github.com/sassoftware/go-rpmutils"
)

// entry is a file in an archive or a package.
type entry struct {
	mode  fs.FileMode
	owner string
	text  []byte
}

// entries are the files by their paths, without folders.
type entries map[string]entry

// unpack reads an archive or a package, whatever its kind, and the text in which a
// package says what it needs.
func unpack(t *testing.T, path string) (files entries, control string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	switch {
	case strings.HasSuffix(path, ".zip"):
		files, err = unpackZip(f)
	case strings.HasSuffix(path, ".deb"):
		files, control, err = unpackDeb(f)
	case strings.HasSuffix(path, ".rpm"):
		files, control, err = unpackRpm(f)
	default: // .tar.gz, and .apk, which is several of them in a row
		files, err = unpackTar(f)
	}
	if err != nil {
		t.Fatal(path, err)
	}
	if info, ok := files[".PKGINFO"]; ok {
		control = string(info.text)
		delete(files, ".PKGINFO")
	}
	return files, control
}

func unpackTar(r io.Reader) (entries, error) {
	plain, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	files := entries{}
	for archive := tar.NewReader(plain); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		} else if err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeDir {
			continue
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		files[strings.TrimPrefix(h.Name, "./")] = entry{h.FileInfo().Mode(), h.Uname + ":" + h.Gname, text}
	}
}

// unpackZip: a zip knows no owners.
func unpackZip(f *os.File) (entries, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, err
	}
	files := entries{}
	for _, file := range archive.File {
		text, err := fs.ReadFile(archive, file.Name)
		if err != nil {
			return nil, err
		}
		files[file.Name] = entry{file.Mode(), "root:root", text}
	}
	return files, nil
}

func unpackDeb(r io.Reader) (files entries, control string, err error) {
	for archive := ar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, control, nil
		} else if err != nil {
			return nil, "", err
		}
		switch h.Name {
		case "control.tar.gz":
			about, err := unpackTar(archive)
			if err != nil {
				return nil, "", err
			}
			control = string(about["control"].text)
		case "data.tar.gz":
			if files, err = unpackTar(archive); err != nil {
				return nil, "", err
			}
		}
	}
}

// recommendName is the tag RPMTAG_RECOMMENDNAME of an rpm.
const recommendName = 5046

func unpackRpm(r io.Reader) (files entries, control string, err error) {
	archive, err := rpm.ReadRpm(r)
	if err != nil {
		return nil, "", err
	}
	recommends, err := archive.Header.GetStrings(recommendName)
	if err != nil {
		return nil, "", err
	}
	payload, err := archive.PayloadReaderExtended()
	if err != nil {
		return nil, "", err
	}
	files = entries{}
	for {
		h, err := payload.Next()
		if errors.Is(err, io.EOF) {
			return files, "Recommends: " + strings.Join(recommends, ", ") + "\n", nil
		} else if err != nil {
			return nil, "", err
		}
		var text bytes.Buffer
		if _, err := io.Copy(&text, payload); err != nil {
			return nil, "", err
		}
		files[strings.TrimPrefix(h.Name(), "/")] = entry{fs.FileMode(h.Mode() & 0o777), h.UserName() + ":" + h.GroupName(), text.Bytes()}
	}
}
