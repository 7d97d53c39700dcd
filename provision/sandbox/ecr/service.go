package ecr

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// Mint makes the identifiers that AWS would draw at random.
type Mint interface {
	// Token returns a new token.
	Token() string
	// ID returns a unique ID with the prefix.
	ID(prefix string) string
}

// Service answers ECR calls. It is safe for use by several goroutines.
type Service struct {
	account string
	mint    Mint
	url     func() string // where layers can be downloaded

	mu           sync.Mutex
	repositories map[string]*repository // by ARN
	downloads    map[string][]byte      // layers that were offered for download, by path
}

// New returns a service without repositories. The URL is the sandbox's own.
func New(account string, mint Mint, url func() string) *Service {
	return &Service{
		account: account, mint: mint, url: url,
		repositories: map[string]*repository{}, downloads: map[string][]byte{},
	}
}

// target is the prefix of X-Amz-Target.
const target = "AmazonEC2ContainerRegistry_V20150921."

// Decode reads the action and what it is about.
func (s *Service) Decode(c *wire.Call) error {
	action, ok := strings.CutPrefix(c.Request.Header.Get("X-Amz-Target"), target)
	if !ok {
		return wire.Errorf("UnknownOperationException", "The request names no operation of ECR.")
	}
	c.Action = action
	in, err := decode(c)
	if err != nil {
		return err
	}
	c.Resource = s.resource(c, in)
	c.Params = wire.ParamsOf(logged(c.Body))
	return nil
}

// logged flattens the plain values of a request for the log. Layers are told
// by their size.
func logged(body []byte) map[string][]string {
	var fields map[string]any
	// Decode reports what cannot be read.
	_ = json.Unmarshal(body, &fields)
	out := map[string][]string{}
	for name, value := range fields {
		switch v := value.(type) {
		case string:
			if name == "layerPartBlob" {
				v = "(" + strconv.Itoa(len(v)) + " characters)"
			}
			out[name] = []string{v}
		case []any, map[string]any:
			text, err := json.Marshal(v)
			if err == nil {
				out[name] = []string{string(text)}
			}
		case bool:
			out[name] = []string{strconv.FormatBool(v)}
		case float64:
			out[name] = []string{strconv.FormatFloat(v, 'f', -1, 64)}
		}
	}
	return out
}

// arn returns the ARN of a repository in the region of the call.
func (s *Service) arn(c *wire.Call, name string) string {
	return "arn:aws:ecr:" + c.Region + ":" + s.account + ":repository/" + name
}

// resource returns what the call needs permission on.
func (s *Service) resource(c *wire.Call, in input) string {
	switch {
	case c.Action == "GetAuthorizationToken":
		return "*"
	case in.ResourceARN != "":
		return in.ResourceARN
	case in.RepositoryName != "":
		return s.arn(c, in.RepositoryName)
	default:
		return s.arn(c, "*")
	}
}

// Needs returns what the caller must be allowed to do.
func (s *Service) Needs(c *wire.Call) ([]wire.Need, error) {
	if _, ok := operations[c.Action]; !ok {
		return nil, wire.Errorf("UnknownOperationException", "The action %s is outside the subset of ECR that this sandbox emulates.", c.Action)
	}
	in, err := decode(c)
	if err != nil {
		return nil, err
	}
	need := wire.Need{Action: "ecr:" + c.Action, Resource: c.Resource, Context: map[string][]string{}}
	for _, t := range in.Tags {
		need.Context["aws:RequestTag/"+t.Key] = []string{t.Value}
		need.Context["aws:TagKeys"] = append(need.Context["aws:TagKeys"], t.Key)
	}
	if c.Action == "DescribeRepositories" && len(in.RepositoryNames) > 0 {
		var needs []wire.Need
		for _, name := range in.RepositoryNames {
			need.Resource = s.arn(c, name)
			needs = append(needs, s.withPolicy(need))
		}
		return needs, nil
	}
	return []wire.Need{s.withPolicy(need)}, nil
}

// withPolicy adds the repository's policy and tags.
func (s *Service) withPolicy(need wire.Need) wire.Need {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[need.Resource]
	if !ok {
		return need
	}
	need.Policy = r.policy
	context := map[string][]string{}
	for k, v := range need.Context {
		context[k] = v
	}
	for k, v := range r.tags {
		context["aws:ResourceTag/"+k] = []string{v}
		context["ecr:ResourceTag/"+k] = []string{v}
	}
	need.Context = context
	return need
}

// Serve carries the call out. Calls are carried out one after the other.
func (s *Service) Serve(c *wire.Call) (*wire.Answer, error) {
	in, err := decode(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	result, err := operations[c.Action](s, c, in)
	if err != nil {
		return nil, err
	}
	return wire.JSONAnswer(c, result)
}

// Refuse encodes an error.
func (s *Service) Refuse(c *wire.Call, e *wire.Error) *wire.Answer { return wire.JSONRefusal(c, e) }

// Download returns the layer that was offered under the path, and false when
// there is none.
func (s *Service) Download(path string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	layer, ok := s.downloads[path]
	return layer, ok
}

// Repositories returns the names of all repositories with their tags of
// images, for a look at the truth.
func (s *Service) Repositories() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string][]string{}
	for arn, r := range s.repositories {
		out[arn] = r.allTags()
	}
	return out
}
