package ecr

import (
	"cmp"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// repository is a repository with its images. The service's lock guards it.
type repository struct {
	arn, name, region string
	created           time.Time
	immutable         bool
	scanOnPush        bool
	encryption        encryption
	tags              map[string]string
	policy            *policy.Document
	policyText        string
	layers            map[string][]byte // by digest
	uploads           map[string]*upload
	images            map[string]*image // by digest
}

type repositoryShape struct {
	RepositoryARN              string     `json:"repositoryArn"`
	RegistryID                 string     `json:"registryId"`
	RepositoryName             string     `json:"repositoryName"`
	RepositoryURI              string     `json:"repositoryUri"`
	CreatedAt                  float64    `json:"createdAt"`
	ImageTagMutability         string     `json:"imageTagMutability"`
	ImageScanningConfiguration scanning   `json:"imageScanningConfiguration"`
	EncryptionConfiguration    encryption `json:"encryptionConfiguration"`
}

// epoch writes a time as the JSON protocol does.
func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func mutability(immutable bool) string {
	if immutable {
		return "IMMUTABLE"
	}
	return "MUTABLE"
}

func (s *Service) shape(r *repository) repositoryShape {
	return repositoryShape{
		RepositoryARN: r.arn, RegistryID: s.account, RepositoryName: r.name,
		RepositoryURI:      s.account + ".dkr.ecr." + r.region + ".amazonaws.com/" + r.name,
		CreatedAt:          epoch(r.created),
		ImageTagMutability: mutability(r.immutable), ImageScanningConfiguration: scanning{r.scanOnPush},
		EncryptionConfiguration: r.encryption,
	}
}

// find returns a repository of the call's region.
func (s *Service) find(c *wire.Call, name string) (*repository, error) {
	if r, ok := s.repositories[s.arn(c, name)]; ok {
		return r, nil
	}
	return nil, wire.Errorf("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name, s.account)
}

func (s *Service) findARN(arn string) (*repository, error) {
	if r, ok := s.repositories[arn]; ok {
		return r, nil
	}
	_, name, _ := strings.Cut(arn, ":repository/")
	return nil, wire.Errorf("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name, s.account)
}

// tokenLife is how long docker may use an authorization token.
const tokenLife = 12 * time.Hour

func (s *Service) getAuthorizationToken(c *wire.Call, _ input) (any, error) {
	type data struct {
		AuthorizationToken string  `json:"authorizationToken"`
		ExpiresAt          float64 `json:"expiresAt"`
		ProxyEndpoint      string  `json:"proxyEndpoint"`
	}
	return map[string][]data{"authorizationData": {{
		AuthorizationToken: base64.StdEncoding.EncodeToString([]byte("AWS:" + s.mint.Token())),
		ExpiresAt:          epoch(c.Now.Add(tokenLife)),
		ProxyEndpoint:      "https://" + s.account + ".dkr.ecr." + c.Region + ".amazonaws.com",
	}}}, nil
}

// repositoryName is the rule for names.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
var repositoryName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)
})

func (s *Service) createRepository(c *wire.Call, in input) (any, error) {
	name := in.RepositoryName
	if len(name) < 2 || len(name) > 256 || !repositoryName().MatchString(name) {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '%s''", repositoryName())
	}
	if _, err := s.find(c, name); err == nil {
		return nil, wire.Errorf("RepositoryAlreadyExistsException", "The repository with name '%s' already exists in the registry with id '%s'", name, s.account)
	}
	r := &repository{
		arn: s.arn(c, name), name: name, region: c.Region, created: c.Now,
		immutable: in.ImageTagMutability == "IMMUTABLE", encryption: encryption{EncryptionType: "AES256"},
		tags: map[string]string{}, layers: map[string][]byte{}, uploads: map[string]*upload{}, images: map[string]*image{},
	}
	if in.ImageScanningConfiguration != nil {
		r.scanOnPush = in.ImageScanningConfiguration.ScanOnPush
	}
	if in.EncryptionConfiguration != nil {
		r.encryption = *in.EncryptionConfiguration
	}
	for _, t := range in.Tags {
		r.tags[t.Key] = t.Value
	}
	s.repositories[r.arn] = r
	return map[string]repositoryShape{"repository": s.shape(r)}, nil
}

func (s *Service) describeRepositories(c *wire.Call, in input) (any, error) {
	var found []*repository
	for _, name := range in.RepositoryNames {
		r, err := s.find(c, name)
		if err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	if len(in.RepositoryNames) == 0 {
		for _, r := range s.repositories {
			if r.region == c.Region {
				found = append(found, r)
			}
		}
	}
	slices.SortFunc(found, func(a, b *repository) int { return cmp.Compare(a.name, b.name) })
	page, next, err := pageOf(found, in, 100)
	if err != nil {
		return nil, err
	}
	out := struct {
		Repositories []repositoryShape `json:"repositories"`
		NextToken    string            `json:"nextToken,omitempty"`
	}{Repositories: []repositoryShape{}, NextToken: next}
	for _, r := range page {
		out.Repositories = append(out.Repositories, s.shape(r))
	}
	return out, nil
}

// pageOf takes one page out of a list.
func pageOf[T any](items []T, in input, fallback int) (page []T, next string, err error) {
	from := 0
	if in.NextToken != "" {
		if from, err = strconv.Atoi(in.NextToken); err != nil || from < 0 || from > len(items) {
			return nil, "", wire.Errorf("InvalidParameterException", "Invalid parameter at 'nextToken'")
		}
	}
	most := in.MaxResults
	if most <= 0 {
		most = fallback
	}
	if to := from + most; to < len(items) {
		return items[from:to], strconv.Itoa(to), nil
	}
	return items[from:], "", nil
}

func (s *Service) deleteRepository(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if len(r.images) > 0 && !in.Force {
		return nil, wire.Errorf("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", r.name, s.account)
	}
	delete(s.repositories, r.arn)
	return map[string]repositoryShape{"repository": s.shape(r)}, nil
}

type policyShape struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
	PolicyText     string `json:"policyText"`
}

func (s *Service) setRepositoryPolicy(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	parsed, err := policy.Parse(in.PolicyText)
	if err != nil {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'. %s", err)
	}
	r.policy, r.policyText = parsed, in.PolicyText
	return policyShape{s.account, r.name, r.policyText}, nil
}

func (s *Service) getRepositoryPolicy(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if r.policy == nil {
		return nil, noPolicy(r, s.account)
	}
	return policyShape{s.account, r.name, r.policyText}, nil
}

func (s *Service) deleteRepositoryPolicy(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if r.policy == nil {
		return nil, noPolicy(r, s.account)
	}
	old := policyShape{s.account, r.name, r.policyText}
	r.policy, r.policyText = nil, ""
	return old, nil
}

func noPolicy(r *repository, account string) error {
	return wire.Errorf("RepositoryPolicyNotFoundException", "Repository policy does not exist for the repository with name '%s' in the registry with id '%s'", r.name, account)
}

func (s *Service) putImageTagMutability(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if in.ImageTagMutability != "MUTABLE" && in.ImageTagMutability != "IMMUTABLE" {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'imageTagMutability'")
	}
	r.immutable = in.ImageTagMutability == "IMMUTABLE"
	return map[string]string{
		"registryId": s.account, "repositoryName": r.name, "imageTagMutability": mutability(r.immutable),
	}, nil
}

func (s *Service) putImageScanningConfiguration(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if in.ImageScanningConfiguration == nil {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'imageScanningConfiguration'")
	}
	r.scanOnPush = in.ImageScanningConfiguration.ScanOnPush
	return map[string]any{
		"registryId": s.account, "repositoryName": r.name, "imageScanningConfiguration": scanning{r.scanOnPush},
	}, nil
}

func (s *Service) tagResource(_ *wire.Call, in input) (any, error) {
	r, err := s.findARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, t := range in.Tags {
		r.tags[t.Key] = t.Value
	}
	return struct{}{}, nil
}

func (s *Service) untagResource(_ *wire.Call, in input) (any, error) {
	r, err := s.findARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		delete(r.tags, k)
	}
	return struct{}{}, nil
}

func (s *Service) listTagsForResource(_ *wire.Call, in input) (any, error) {
	r, err := s.findARN(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags := []tag{}
	for _, k := range slices.Sorted(maps.Keys(r.tags)) {
		tags = append(tags, tag{k, r.tags[k]})
	}
	return map[string][]tag{"tags": tags}, nil
}
