package live

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxInput is the size in bytes from which the JSON of a cluster is refused: 10,000
// releases with 10 KiB each are less than half of it.
const MaxInput = 256 << 20

// printed is what kubectl prints: an object, or a list of some.
type printed struct {
	Object
	Items   []json.RawMessage `json:"items"`
	Message string            `json:"message"` // of an error of the API server
}

// Read reads what `kubectl get -o json` prints: a list, an object, or several of
// these one after the other. An error says what is wrong with it, for behind the
// name of the input.
func Read(in io.Reader) (*Cluster, error) {
	text, err := io.ReadAll(io.LimitReader(in, MaxInput+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > MaxInput:
		return nil, fmt.Errorf("is larger than %d MiB", MaxInput>>20)
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if len(text) == 0 {
		return nil, errors.New("is empty, expected JSON")
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, errors.New("is UTF-16, expected UTF-8")
	}
	if text[0] != '{' {
		return nil, errors.New(notAnObject(text) + ", expected the JSON of an object or a list")
	}
	c := newCluster()
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var p printed
		err := decoder.Decode(&p)
		var wrong *json.UnmarshalTypeError
		switch {
		case errors.Is(err, io.EOF):
			return c, nil
		case err != nil && !errors.As(err, &wrong):
			return nil, badJSON(text, decoder.InputOffset(), err)
		}
		if err := c.read(&p, wrong); err != nil {
			return nil, err
		}
	}
}

// notAnObject says what a text is that is no JSON object.
func notAnObject(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	switch {
	case text[0] == '[':
		return "is a bare JSON array"
	case bytes.HasPrefix(line, []byte("NAME")):
		return "is a table"
	case bytes.HasPrefix(line, []byte("apiVersion:")), bytes.HasPrefix(line, []byte("---")), bytes.HasPrefix(line, []byte("items:")):
		return "is YAML"
	case json.Valid(text):
		return "is JSON of another kind"
	case bytes.Contains(text, []byte("\n{")):
		return "begins with what is no JSON, as kubectl says it on its stderr (2>&1)"
	}
	return "is no JSON"
}

// badJSON says where a text is no JSON any more.
func badJSON(text []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("ends in the middle of the JSON")
	}
	if errors.As(err, &syntax) {
		offset += syntax.Offset - 1
	}
	before := text[:min(max(offset, 0), int64(len(text)))]
	return fmt.Errorf("is no JSON in line %d", 1+bytes.Count(before, []byte("\n")))
}

// read takes in an object or a list, and the first field of it that is not what the
// API has there.
func (c *Cluster) read(p *printed, wrong *json.UnmarshalTypeError) error {
	of, isList := strings.CutSuffix(p.Kind, "List")
	mixed := isList && of == ""
	switch {
	case p.Kind == "" && wrong == nil:
		return errors.New("holds an object without a kind, expected what kubectl prints")
	case p.Kind == "Status" && p.APIVersion == "v1":
		return errors.New("is an error of the API server: " + p.Message)
	case p.Kind != "" && !mixed && !known(p.Group()):
		c.met(p.Group(), of)
		return nil
	case wrong != nil:
		return p.misplaced(wrong)
	case !isList:
		c.add(&p.Object)
		return nil
	case of != "":
		c.met(p.Group(), of)
	}
	return c.items(p, of)
}

// misplaced is the error of a field of a type that the API does not have there.
func (p *printed) misplaced(wrong *json.UnmarshalTypeError) error {
	what := strings.NewReplacer("array", "a list", "object", "a map", "string", "a text", "number", "a number", "bool", "a boolean").Replace(wrong.Value)
	field := strings.TrimPrefix(wrong.Field, "Object.")
	if field == "" {
		return fmt.Errorf("holds %s in the place of an object, which kubectl does not print", what)
	}
	return fmt.Errorf("holds %s with %s in %s, which kubectl does not print", cmp.Or(strings.TrimSpace(p.Kind+" "+p.Metadata.Name), "an object"), what, field)
}

// known are the groups of the objects that are read; of all others the kind is enough.
func known(group string) bool { return group == "apps" || strings.HasSuffix(group, ".fluxcd.io") }

// items takes in those of a list; of is the kind of those that do not name theirs.
func (c *Cluster) items(list *printed, of string) error {
	for _, item := range list.Items {
		var p printed
		var wrong *json.UnmarshalTypeError
		if err := json.Unmarshal(item, &p); err != nil && !errors.As(err, &wrong) {
			return errors.New("holds an object that cannot be read")
		}
		if strings.HasSuffix(p.Kind, "List") && len(p.Items) > 0 {
			return errors.New("holds a list in a list, which kubectl does not print")
		}
		if p.Kind == "" && of != "" {
			p.APIVersion, p.Kind = list.APIVersion, of
		}
		if err := c.read(&p, wrong); err != nil {
			return err
		}
	}
	return nil
}
