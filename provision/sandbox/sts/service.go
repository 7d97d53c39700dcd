package sts

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/directory"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// namespace is the XML namespace of the answers.
const namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// Mint makes the identifiers that AWS would draw at random.
type Mint interface {
	// ID returns a unique ID with the prefix, of AWS's length and alphabet.
	ID(prefix string) string
	// Secret returns a new secret access key.
	Secret() string
	// Token returns a new session token.
	Token() string
}

// Service answers STS calls. It is safe for use by several goroutines.
type Service struct {
	store    *directory.Store
	sessions *Sessions
	mint     Mint
}

// New returns a service over the store that adds to the sessions.
func New(store *directory.Store, sessions *Sessions, mint Mint) *Service {
	return &Service{store: store, sessions: sessions, mint: mint}
}

// Decode reads the action and the parameters of the call.
func (s *Service) Decode(c *wire.Call) error { return wire.DecodeQuery(c, "2011-06-15") }

// Needs returns what the caller must be allowed to do. GetCallerIdentity and
// GetSessionToken need no permission. An unknown action is InvalidAction.
func (s *Service) Needs(c *wire.Call) ([]wire.Need, error) {
	switch c.Action {
	case "GetCallerIdentity", "GetSessionToken":
		c.Resource = "*"
		return nil, nil
	case "AssumeRole":
		c.Resource = c.Params.Get("RoleArn")
		return s.assumeNeeds(c), nil
	}
	return nil, wire.Errorf("InvalidAction", "The action %s is outside the subset of STS that this sandbox emulates.", c.Action)
}

// assumeNeeds asks for sts:AssumeRole on the role, whose trust policy is its
// resource policy. A role that is not there has no trust policy, and so nobody
// may assume it, as AWS answers.
func (s *Service) assumeNeeds(c *wire.Call) []wire.Need {
	need := wire.Need{
		Action: "sts:AssumeRole", Resource: c.Resource, Trust: true,
		Context: map[string][]string{"sts:RoleSessionName": {c.Params.Get("RoleSessionName")}},
	}
	if id := c.Params.Get("ExternalId"); id != "" {
		need.Context["sts:ExternalId"] = []string{id}
	}
	if r, err := s.role(c.Resource); err == nil {
		need.Policy = r.Trust.Parsed
	}
	return []wire.Need{need}
}

// role returns the role with exactly this ARN.
func (s *Service) role(arn string) (*directory.Role, error) {
	r, err := s.store.View().Role(arn[strings.LastIndex(arn, "/")+1:])
	if err != nil {
		return nil, err
	}
	if r.ARN != arn {
		return nil, wire.Errorf("NoSuchEntity", "The role %s cannot be found.", arn)
	}
	return r, nil
}

// Serve carries the call out.
func (s *Service) Serve(c *wire.Call) (*wire.Answer, error) {
	var result any
	var err error
	switch c.Action {
	case "GetCallerIdentity":
		result = identity{c.Caller.ARN, c.Caller.UserID, c.Caller.Account}
	case "GetSessionToken":
		result, err = s.getSessionToken(c)
	case "AssumeRole":
		result, err = s.assumeRole(c)
	}
	if err != nil {
		return nil, err
	}
	return wire.QueryAnswer(namespace, c, result)
}

// Refuse encodes an error.
func (s *Service) Refuse(c *wire.Call, e *wire.Error) *wire.Answer {
	return wire.QueryRefusal(namespace, c, e)
}

type identity struct {
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

type assumed struct {
	AssumedRoleID string `xml:"AssumedRoleId"`
	Arn           string
}

type credentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

// open starts a session of the caller and returns its credentials.
func (s *Service) open(c *wire.Call, caller wire.Caller, length time.Duration) credentials {
	session := Session{
		KeyID: s.mint.ID("ASIA"), Secret: directory.Secret(s.mint.Secret()), Token: directory.Secret(s.mint.Token()),
		Expires: c.Now.Add(length), Caller: caller,
	}
	session.Caller.KeyID = session.KeyID
	s.sessions.add(session, c.Now)
	return credentials{session.KeyID, session.Secret.Reveal(), session.Token.Reveal(), wire.Time(session.Expires)}
}

func (s *Service) getSessionToken(c *wire.Call) (any, error) {
	if c.Caller.User == "" {
		return nil, wire.Errorf("AccessDenied", "Cannot call GetSessionToken with session credentials")
	}
	length, err := duration(c, 12*time.Hour, 15*time.Minute, 36*time.Hour)
	if err != nil {
		return nil, err
	}
	return struct{ Credentials credentials }{s.open(c, *c.Caller, length)}, nil
}

var sessionName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w+=,.@-]{2,64}$`) })

func (s *Service) assumeRole(c *wire.Call) (any, error) {
	name := c.Params.Get("RoleSessionName")
	if !sessionName().MatchString(name) {
		return nil, wire.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*", name)
	}
	r, err := s.role(c.Resource)
	if err != nil {
		return nil, err
	}
	length, err := duration(c, time.Hour, 15*time.Minute, r.MaxSession)
	if err != nil {
		return nil, err
	}
	account := s.store.View().Account()
	caller := wire.Caller{
		ARN:     "arn:aws:sts::" + account + ":assumed-role/" + r.Name + "/" + name,
		Account: account, UserID: r.ID + ":" + name, Role: r.Name, Session: name,
	}
	return struct {
		Credentials     credentials
		AssumedRoleUser assumed
	}{s.open(c, caller, length), assumed{caller.UserID, caller.ARN}}, nil
}

// duration reads DurationSeconds within the bounds.
func duration(c *wire.Call, fallback, least, most time.Duration) (time.Duration, error) {
	text := c.Params.Get("DurationSeconds")
	if text == "" {
		return min(fallback, most), nil
	}
	seconds, err := strconv.Atoi(text)
	if d := time.Duration(seconds) * time.Second; err == nil && d >= least && d <= most {
		return d, nil
	}
	return 0, wire.Errorf("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role, or is below %d.", int(least.Seconds()))
}
