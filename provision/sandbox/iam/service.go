package iam

import (
	"encoding/base64"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// namespace is the XML namespace of the answers.
const namespace = "https://iam.amazonaws.com/doc/2010-05-08/"

// Mint makes the identifiers that AWS would draw at random.
type Mint interface {
	// ID returns a unique ID with the prefix, of AWS's length and alphabet.
	ID(prefix string) string
	// Secret returns a new secret access key.
	Secret() string
}

// Usage knows when access keys were last used.
type Usage interface {
	// LastUse returns the last use of the key, and false if there was none.
	LastUse(keyID string) (Use, bool)
}

// Use is the last use of an access key.
type Use struct {
	At              time.Time
	Service, Region string
}

// Service answers IAM calls. It is safe for use by several goroutines.
type Service struct {
	store *directory.Store
	mint  Mint
	usage Usage
}

// New returns a service over the store.
func New(store *directory.Store, mint Mint, usage Usage) *Service {
	return &Service{store: store, mint: mint, usage: usage}
}

// Decode reads the action and the parameters of the call.
func (s *Service) Decode(c *wire.Call) error { return wire.DecodeQuery(c, "2010-05-08") }

// Needs returns what the caller must be allowed to do. An unknown action is
// InvalidAction.
func (s *Service) Needs(c *wire.Call) ([]wire.Need, error) {
	op, err := find(c)
	if err != nil {
		return nil, err
	}
	q := s.query(c)
	var needs []wire.Need
	for _, arn := range op.on(q) {
		needs = append(needs, wire.Need{Action: "iam:" + c.Action, Resource: arn, Context: contextOf(q)})
	}
	c.Resource = needs[0].Resource
	return needs, nil
}

// Serve carries the call out.
func (s *Service) Serve(c *wire.Call) (*wire.Answer, error) {
	op, err := find(c)
	if err != nil {
		return nil, err
	}
	result, err := op.run(s.query(c))
	if err != nil {
		return nil, err
	}
	return wire.QueryAnswer(namespace, c, result)
}

// Refuse encodes an error.
func (s *Service) Refuse(c *wire.Call, e *wire.Error) *wire.Answer {
	return wire.QueryRefusal(namespace, c, e)
}

func find(c *wire.Call) (operation, error) {
	op, ok := operations[c.Action]
	if !ok {
		return operation{}, wire.Errorf("InvalidAction", "The action %s is outside the subset of IAM that this sandbox emulates.", c.Action)
	}
	return op, nil
}

// query is one call in the hands of an operation: its parameters, and the
// state that the replica shows which answers it.
type query struct {
	*Service
	call *wire.Call
	p    wire.Params
	view directory.State
}

func (s *Service) query(c *wire.Call) *query {
	return &query{Service: s, call: c, p: c.Params, view: s.store.View()}
}

// need returns a required parameter.
func (q *query) need(name string) (string, error) {
	if v := q.p.Get(name); v != "" {
		return v, nil
	}
	field := string(name[0]|0x20) + name[1:]
	return "", wire.Errorf("ValidationError", "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must not be null", field)
}

// userName returns the named user, or the caller when none is named.
func (q *query) userName() (string, error) {
	if name := q.p.Get("UserName"); name != "" {
		return name, nil
	}
	if q.call.Caller.User == "" {
		return "", wire.Errorf("ValidationError", "Must specify userName when calling with non-User credentials")
	}
	return q.call.Caller.User, nil
}

// path returns the path of a new entity.
func (q *query) path() string {
	if p := q.p.Get("Path"); p != "" {
		return p
	}
	return "/"
}

// number returns a whole number, or the fallback when there is none.
func (q *query) number(name string, fallback int) (int, error) {
	text := q.p.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, wire.Errorf("ValidationError", "Value '%s' at '%s' is not a number", text, name)
	}
	return n, nil
}

func (q *query) tags() []directory.Tag {
	var out []directory.Tag
	for _, t := range q.p.Structs("Tags") {
		out = append(out, directory.Tag{Key: t.Get("Key"), Value: t.Get("Value")})
	}
	return out
}

// document returns a policy document as answers carry it: percent-encoded
// after RFC 3986.
func document(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// page is the part of an answer that says whether there is more.
type page struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

// paginate takes one page out of a sequence. The sequence begins after the
// given key; keys are what markers are made of.
func paginate[T any](q *query, after func(key string) iter.Seq2[string, T]) ([]T, page, error) {
	most, err := q.number("MaxItems", 100)
	if err != nil {
		return nil, page{}, err
	}
	if most < 1 || most > 1000 {
		return nil, page{}, wire.Errorf("ValidationError", "1 validation error detected: Value '%d' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 1000", most)
	}
	from, err := base64.RawURLEncoding.DecodeString(q.p.Get("Marker"))
	if err != nil {
		return nil, page{}, wire.Errorf("ValidationError", "Invalid Marker.")
	}
	var items []T
	var last string
	for key, item := range after(string(from)) {
		if len(items) == most {
			return items, page{IsTruncated: true, Marker: base64.RawURLEncoding.EncodeToString([]byte(last))}, nil
		}
		items, last = append(items, item), key
	}
	return items, page{}, nil
}

// inOrder makes a short list a sequence for paginate.
func inOrder[T any](items []T) func(string) iter.Seq2[string, T] {
	return func(after string) iter.Seq2[string, T] {
		return func(yield func(string, T) bool) {
			for i, item := range items {
				// Keys compare as text, so they need a fixed width.
				key := strconv.Itoa(1_000_000 + i)
				if key > after && !yield(key, item) {
					return
				}
			}
		}
	}
}

// only keeps the items of a sequence that pass.
func only[T any](seq iter.Seq2[string, T], pass func(T) bool) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for key, item := range seq {
			if pass(item) && !yield(key, item) {
				return
			}
		}
	}
}

// convert maps a list.
func convert[A, B any](in []A, f func(A) B) wire.List[B] {
	out := make([]B, 0, len(in))
	for _, a := range in {
		out = append(out, f(a))
	}
	return wire.ListOf(out)
}

// contains tells whether a list has the item, or is empty and so has all.
func contains(list []string, item string) bool {
	return len(list) == 0 || slices.Contains(list, item)
}
