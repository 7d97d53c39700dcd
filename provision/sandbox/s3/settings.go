package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/nullplatform/slipway/provision/policy"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"

// The settings of a bucket, in the form in which they are sent and answered.
type (
	publicAccess struct {
		XMLName               xml.Name `xml:"PublicAccessBlockConfiguration"`
		BlockPublicAcls       bool
		IgnorePublicAcls      bool
		BlockPublicPolicy     bool
		RestrictPublicBuckets bool
	}
	encryption struct {
		XMLName xml.Name `xml:"ServerSideEncryptionConfiguration"`
		Rule    []struct {
			ApplyServerSideEncryptionByDefault struct {
				SSEAlgorithm   string
				KMSMasterKeyID string `xml:",omitempty"`
			}
			BucketKeyEnabled bool
		}
	}
	ownership struct {
		XMLName xml.Name `xml:"OwnershipControls"`
		Rule    []struct{ ObjectOwnership string }
	}
	tagging struct {
		XMLName xml.Name `xml:"Tagging"`
		TagSet  struct {
			Tag []struct{ Key, Value string }
		}
	}
)

// sse returns the setting with one algorithm. AES256 is what a bucket has
// without anybody asking.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
func sse(algorithm string) *encryption {
	e := &encryption{}
	e.Rule = append(e.Rule, struct {
		ApplyServerSideEncryptionByDefault struct {
			SSEAlgorithm   string
			KMSMasterKeyID string `xml:",omitempty"`
		}
		BucketKeyEnabled bool
	}{})
	e.Rule[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm = algorithm
	return e
}

// owned returns the setting with one kind of ownership.
func owned(by string) *ownership {
	return &ownership{Rule: []struct{ ObjectOwnership string }{{by}}}
}

// read decodes a setting out of the body.
func (t *target) read(into any) error {
	if err := xml.Unmarshal(t.call.Body, into); err != nil {
		return wire.Errorf("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	return nil
}

func (t *target) ok(result any) (*wire.Answer, error) {
	return wire.RESTAnswer(t.call, http.StatusOK, result)
}

func (t *target) gone() (*wire.Answer, error) {
	return wire.RESTAnswer(t.call, http.StatusNoContent, nil)
}

func (s *Service) getPublicAccess(t *target) (*wire.Answer, error) {
	if t.found.PublicAccess == nil {
		return nil, wire.Errorf("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
	}
	return t.ok(t.found.PublicAccess)
}

func (s *Service) putPublicAccess(t *target) (*wire.Answer, error) {
	setting := &publicAccess{}
	if err := t.read(setting); err != nil {
		return nil, err
	}
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.PublicAccess = setting }); err != nil {
		return nil, err
	}
	return t.ok(nil)
}

func (s *Service) deletePublicAccess(t *target) (*wire.Answer, error) {
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.PublicAccess = nil }); err != nil {
		return nil, err
	}
	return t.gone()
}

func (s *Service) getEncryption(t *target) (*wire.Answer, error) {
	if t.found.Encryption == nil {
		return t.ok(sse("AES256"))
	}
	return t.ok(t.found.Encryption)
}

func (s *Service) putEncryption(t *target) (*wire.Answer, error) {
	setting := &encryption{}
	if err := t.read(setting); err != nil {
		return nil, err
	}
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.Encryption = setting }); err != nil {
		return nil, err
	}
	return t.ok(nil)
}

func (s *Service) deleteEncryption(t *target) (*wire.Answer, error) {
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.Encryption = nil }); err != nil {
		return nil, err
	}
	return t.gone()
}

func (s *Service) getOwnership(t *target) (*wire.Answer, error) {
	if t.found.Ownership == nil {
		return nil, wire.Errorf("OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
	}
	return t.ok(t.found.Ownership)
}

func (s *Service) putOwnership(t *target) (*wire.Answer, error) {
	setting := &ownership{}
	if err := t.read(setting); err != nil {
		return nil, err
	}
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.Ownership = setting }); err != nil {
		return nil, err
	}
	return t.ok(nil)
}

func (s *Service) deleteOwnership(t *target) (*wire.Answer, error) {
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.Ownership = nil }); err != nil {
		return nil, err
	}
	return t.gone()
}

func (s *Service) getTagging(t *target) (*wire.Answer, error) {
	if t.found.Tags == nil {
		return nil, wire.Errorf("NoSuchTagSet", "The TagSet does not exist")
	}
	return t.ok(t.found.Tags)
}

func (s *Service) putTagging(t *target) (*wire.Answer, error) {
	setting := &tagging{}
	if err := t.read(setting); err != nil {
		return nil, err
	}
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.Tags = setting }); err != nil {
		return nil, err
	}
	return t.gone()
}

func (s *Service) deleteTagging(t *target) (*wire.Answer, error) {
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.Tags = nil }); err != nil {
		return nil, err
	}
	return t.gone()
}

func (s *Service) getPolicy(t *target) (*wire.Answer, error) {
	if t.found.Policy == nil {
		return nil, wire.Errorf("NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	a, err := t.ok(nil)
	if err != nil {
		return nil, err
	}
	a.Header.Set("Content-Type", "application/json")
	a.Body = []byte(t.found.PolicyText)
	return a, nil
}

func (s *Service) putPolicy(t *target) (*wire.Answer, error) {
	parsed, err := policy.Parse(string(t.call.Body))
	if err != nil {
		return nil, wire.Errorf("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'. %s", err)
	}
	for _, st := range parsed.Statements {
		if len(st.Principals) == 0 {
			return nil, wire.Errorf("MalformedPolicy", "Missing required field Principal")
		}
	}
	if t.found.PublicAccess != nil && t.found.PublicAccess.BlockPublicPolicy && public(parsed) {
		return nil, wire.Errorf("AccessDenied", "User: %s is not authorized to perform: s3:PutBucketPolicy on resource: %q because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.", t.call.Caller.ARN, t.found.arn())
	}
	err = s.buckets.change(t.bucket, func(b *Bucket) { b.Policy, b.PolicyText = parsed, string(t.call.Body) })
	if err != nil {
		return nil, err
	}
	return t.gone()
}

func (s *Service) deletePolicy(t *target) (*wire.Answer, error) {
	if err := s.buckets.change(t.bucket, func(b *Bucket) { b.Policy, b.PolicyText = nil, "" }); err != nil {
		return nil, err
	}
	return t.gone()
}

func (s *Service) getPolicyStatus(t *target) (*wire.Answer, error) {
	if t.found.Policy == nil {
		return nil, wire.Errorf("NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	return t.ok(struct {
		XMLName  xml.Name `xml:"PolicyStatus"`
		IsPublic bool
	}{IsPublic: public(t.found.Policy)})
}

// public tells whether a policy grants to everybody without a condition. AWS
// looks closer at conditions; this is the plain case.
func public(d *policy.Document) bool {
	for _, st := range d.Statements {
		if st.Effect != policy.Allow || len(st.Conditions) > 0 {
			continue
		}
		for _, p := range st.Principals {
			if p.ID == "*" {
				return true
			}
		}
	}
	return false
}

func (s *Service) getACL(t *target) (*wire.Answer, error) {
	body := `<AccessControlPolicy xmlns="` + xmlns + `"><Owner><ID>` + canonicalID(t.found.Owner) +
		`</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>` +
		canonicalID(t.found.Owner) + `</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>`
	return t.raw(body)
}

// never answers about a setting that is not kept, and so was never made.
func never(code string) func(*Service, *target) (*wire.Answer, error) {
	return func(*Service, *target) (*wire.Answer, error) {
		return nil, wire.Errorf(code, "The configuration does not exist")
	}
}

// blank answers with the setting that every bucket has.
func blank(element, content string) func(*Service, *target) (*wire.Answer, error) {
	return func(_ *Service, t *target) (*wire.Answer, error) {
		return t.raw("<" + element + ` xmlns="` + xmlns + `">` + content + "</" + element + ">")
	}
}

func (t *target) raw(body string) (*wire.Answer, error) {
	a, err := t.ok(nil)
	if err != nil {
		return nil, err
	}
	a.Header.Set("Content-Type", "application/xml")
	a.Body = []byte(xml.Header + body)
	return a, nil
}
