package directory_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
)

// A tree is a map, and every earlier tree stays what it was.
func TestATreeIsAMapWithAMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type moment struct {
			tree  directory.Tree[int]
			model map[string]int
		}
		now := moment{model: map[string]int{}}
		var past []moment
		for range rapid.IntRange(0, 60).Draw(t, "changes") {
			past = append(past, moment{now.tree, maps.Clone(now.model)})
			key := strconv.Itoa(rapid.IntRange(0, 25).Draw(t, "key"))
			if rapid.Bool().Draw(t, "remove") {
				now.tree = now.tree.Without(key)
				delete(now.model, key)
			} else {
				value := rapid.Int().Draw(t, "value")
				now.tree = now.tree.With(key, value)
				now.model[key] = value
			}
		}
		for _, m := range append(past, now) {
			keys := slices.Sorted(maps.Keys(m.model))
			var walked []string
			for k, v := range m.tree.All() {
				walked = append(walked, k)
				if got, ok := m.tree.Get(k); !ok || got != v || v != m.model[k] {
					t.Fatalf("%s is %d by walking, %d by looking, want %d", k, v, got, m.model[k])
				}
			}
			if !slices.Equal(walked, keys) || m.tree.Len() != len(keys) {
				t.Fatalf("the tree has %v and says %d, want %v", walked, m.tree.Len(), keys)
			}
			from := strconv.Itoa(rapid.IntRange(0, 25).Draw(t, "after"))
			var after []string
			for k := range m.tree.After(from) {
				after = append(after, k)
			}
			want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k <= from })
			if !slices.Equal(after, want) {
				t.Fatalf("after %s come %v, want %v", from, after, want)
			}
		}
	})
}

func TestAWalkCanStop(t *testing.T) {
	var tree directory.Tree[int]
	for i := range 100 {
		tree = tree.With(strconv.Itoa(i), i)
	}
	seen := 0
	for range tree.All() {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("the walk went on to %d", seen)
	}
}

func BenchmarkChangeInAnAccountOf5000Users(b *testing.B) {
	s := directory.New("123456789012")
	for i := range 4999 {
		next, _, err := s.CreateUser(directory.User{Name: "user" + strconv.Itoa(i), Path: "/"})
		if err != nil {
			b.Fatal(err)
		}
		s = next
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.CreateUser(directory.User{Name: "new", Path: "/"}); err != nil {
			b.Fatal(err)
		}
	}
}
