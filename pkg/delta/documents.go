package delta

import "strconv"

// differing counts the values that differ between the documents of two texts.
// Objects are compared with those of their name, what is left by its place: from
// the start or, where that makes fewer differ, from the end, so that one put in
// front of the others is the only one that counts.
func differing(old, new []document) int {
	n, old, new := differingObjects(old, new)
	return n + min(inOrder(old, new), inOrder(reversed(old), reversed(new)))
}

// differingObjects counts in the objects that both texts have, and returns what
// is left of them.
func differingObjects(old, new []document) (n int, oldLeft, newLeft []document) {
	known := byID(old)
	paired := map[string]bool{}
	for key, d := range keyed(new) {
		was, ok := known[key]
		if !ok {
			newLeft = append(newLeft, d)
			continue
		}
		paired[key] = true
		n += differ(was.values, d.values)
	}
	for key, d := range keyed(old) {
		if !paired[key] {
			oldLeft = append(oldLeft, d)
		}
	}
	return n, oldLeft, newLeft
}

func byID(docs []document) map[string]document {
	all := map[string]document{}
	for key, d := range keyed(docs) {
		if d.id != "" {
			all[key] = d
		}
	}
	return all
}

// keyed gives documents in their order with what they go by; of several that go
// by the same, the first is compared with the first.
func keyed(docs []document) func(yield func(string, document) bool) {
	return func(yield func(string, document) bool) {
		count := map[string]int{}
		for _, d := range docs {
			count[d.id]++
			if !yield(d.id+"\x00\x00"+strconv.Itoa(count[d.id]), d) {
				return
			}
		}
	}
}

// inOrder counts with the first document compared with the first.
func inOrder(old, new []document) int {
	n := 0
	for i := range max(len(old), len(new)) {
		var was, is map[string]string
		if i < len(old) {
			was = old[i].values
		}
		if i < len(new) {
			is = new[i].values
		}
		n += differ(was, is)
	}
	return n
}

func reversed(docs []document) []document {
	all := make([]document, len(docs))
	for i, d := range docs {
		all[len(docs)-1-i] = d
	}
	return all
}

// differ counts the values that differ between two documents.
func differ(old, new map[string]string) int {
	n := 0
	for key, value := range old {
		if other, ok := new[key]; !ok || other != value {
			n++
		}
	}
	for key := range new {
		if _, ok := old[key]; !ok {
			n++
		}
	}
	return n
}
