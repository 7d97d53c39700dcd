package directory

import (
	"hash/fnv"
	"iter"
)

// Tree is a persistent map from names to values, ordered by name. With and
// Without return a new tree that shares all but O(log n) nodes with the old
// one. The zero Tree is empty.
//
// It is a treap whose priorities are hashes of the keys, so that the shape
// depends on the content alone.
type Tree[V any] struct {
	root *node[V]
	size int
}

type node[V any] struct {
	key         string
	value       V
	priority    uint64
	left, right *node[V]
}

// Len returns how many entries there are.
func (t Tree[V]) Len() int { return t.size }

// Get returns the value under the key and whether there is one.
func (t Tree[V]) Get(key string) (V, bool) {
	for n := t.root; n != nil; {
		switch {
		case key == n.key:
			return n.value, true
		case key < n.key:
			n = n.left
		default:
			n = n.right
		}
	}
	var none V
	return none, false
}

// With returns the tree with the value under the key, new or replaced.
func (t Tree[V]) With(key string, value V) Tree[V] {
	size := t.size
	if _, there := t.Get(key); !there {
		size++
	}
	return Tree[V]{root: insert(t.root, key, value, priorityOf(key)), size: size}
}

// Without returns the tree without the key. A missing key changes nothing.
func (t Tree[V]) Without(key string) Tree[V] {
	if _, there := t.Get(key); !there {
		return t
	}
	return Tree[V]{root: remove(t.root, key), size: t.size - 1}
}

// All walks the entries in the order of their keys.
func (t Tree[V]) All() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { walk(t.root, "", false, yield) }
}

// After walks the entries whose keys come after the given one.
func (t Tree[V]) After(key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { walk(t.root, key, true, yield) }
}

func priorityOf(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	x := h.Sum64()
	// FNV leaves similar keys with similar hashes; spread them.
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return x
}

func insert[V any](n *node[V], key string, value V, priority uint64) *node[V] {
	if n == nil {
		return &node[V]{key: key, value: value, priority: priority}
	}
	next := *n
	switch {
	case key == n.key:
		next.value = value
		return &next
	case key < n.key:
		next.left = insert(n.left, key, value, priority)
		if child := next.left; child.priority > next.priority {
			next.left, child.right = child.right, &next
			return child
		}
	default:
		next.right = insert(n.right, key, value, priority)
		if child := next.right; child.priority > next.priority {
			next.right, child.left = child.left, &next
			return child
		}
	}
	return &next
}

func remove[V any](n *node[V], key string) *node[V] {
	if key == n.key {
		return join(n.left, n.right)
	}
	next := *n
	if key < n.key {
		next.left = remove(n.left, key)
	} else {
		next.right = remove(n.right, key)
	}
	return &next
}

// join merges two trees of which all keys of a come before those of b.
func join[V any](a, b *node[V]) *node[V] {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.priority > b.priority:
		next := *a
		next.right = join(a.right, b)
		return &next
	default:
		next := *b
		next.left = join(a, b.left)
		return &next
	}
}

func walk[V any](n *node[V], after string, bounded bool, yield func(string, V) bool) bool {
	if n == nil {
		return true
	}
	inside := !bounded || n.key > after
	if inside {
		if !walk(n.left, after, bounded, yield) || !yield(n.key, n.value) {
			return false
		}
	}
	return walk(n.right, after, bounded, yield)
}
