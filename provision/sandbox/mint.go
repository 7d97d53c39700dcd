package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// mint makes what AWS draws at random. The same seed gives the same sequence,
// so that runs can be compared; nothing here is meant to be hard to guess.
type mint struct {
	mu       sync.Mutex
	entities *rand.Rand
	// requests are drawn apart, so that one request more does not change the
	// IDs of entities.
	requests *rand.Rand
	// secrets are all that were ever drawn, also those of keys that are gone.
	secrets []string
}

func newMint(seed uint64) *mint {
	return &mint{entities: rand.New(rand.NewPCG(seed, 1)), requests: rand.New(rand.NewPCG(seed, 2))}
}

const (
	idAlphabet     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	keyIDLength    = 20
	entityIDLength = 21
)

// ID returns an ID with the prefix: 20 characters for an access key, 21 for
// everything else.
func (m *mint) ID(prefix string) string {
	length := entityIDLength
	if prefix == "AKIA" || prefix == "ASIA" {
		length = keyIDLength
	}
	return prefix + m.text(idAlphabet, length-len(prefix))
}

// Secret returns a secret access key of 40 characters. Each holds a slash and a
// plus, as most real ones do: what is careless with those in a URL, in JSON or
// in a shell is to be found out every time and not most times.
func (m *mint) Secret() string {
	drawn := []byte(m.text(secretAlphabet, 40))
	drawn[12], drawn[27] = '/', '+'
	secret := string(drawn)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets = append(m.secrets, secret)
	return secret
}

// drawn returns all secrets so far.
func (m *mint) drawn() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.secrets)
}

// Token returns a session token.
func (m *mint) Token() string { return "FwoGZXIvYXdzE" + m.text(secretAlphabet, 200) }

// UUID returns an ID as nullplatform has them.
func (m *mint) UUID() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uuid(m.entities)
}

// requestID returns an ID in the form of a UUID.
func (m *mint) requestID() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uuid(m.requests)
}

func uuid(from *rand.Rand) string {
	a, b := from.Uint64(), from.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}

func (m *mint) text(alphabet string, n int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[m.entities.IntN(len(alphabet))]
	}
	return string(out)
}
