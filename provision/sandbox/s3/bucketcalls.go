package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/http"

	"github.com/johannesboyne/gofakes3"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// canonicalID is the long form of an account's ID that S3 uses.
func canonicalID(account string) string {
	sum := sha256.Sum256([]byte(account))
	return hex.EncodeToString(sum[:])
}

func (s *Service) listBuckets(t *target) (*wire.Answer, error) {
	type entry struct {
		Name         string
		CreationDate string
		BucketRegion string
	}
	var out struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
		Owner   struct{ ID string }
		Buckets struct{ Bucket []entry }
	}
	out.Owner.ID = canonicalID(s.account)
	for _, b := range s.buckets.All() {
		if b.Owner == s.account {
			out.Buckets.Bucket = append(out.Buckets.Bucket, entry{b.Name, wire.Time(b.Created), b.Region})
		}
	}
	return t.ok(out)
}

func (s *Service) headBucket(t *target) (*wire.Answer, error) {
	a, err := t.ok(nil)
	if err != nil {
		return nil, err
	}
	a.Header.Set("X-Amz-Bucket-Region", t.found.Region)
	a.Header.Set("X-Amz-Bucket-Arn", t.found.arn())
	return a, nil
}

func (s *Service) getLocation(t *target) (*wire.Answer, error) {
	var out struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
		Region  string   `xml:",chardata"`
	}
	// The first region has no name here.
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
	if t.found.Region != oldest {
		out.Region = t.found.Region
	}
	return t.ok(out)
}

// oldest is the region in which the rules are those of before regions.
const oldest = "us-east-1"

// createBucket makes a bucket with the settings that new buckets have: public
// access blocked, and objects owned by the bucket's owner.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
func (s *Service) createBucket(t *target) (*wire.Answer, error) {
	if err := checkName(t.bucket); err != nil {
		return nil, err
	}
	region, err := t.regionOfNew()
	if err != nil {
		return nil, err
	}
	ownedBy := t.call.Request.Header.Get("X-Amz-Object-Ownership")
	if ownedBy == "" {
		ownedBy = "BucketOwnerEnforced"
	}
	old := s.buckets.add(Bucket{
		Name: t.bucket, Owner: s.account, Region: region, Created: t.call.Now,
		PublicAccess: &publicAccess{BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true},
		Ownership:    owned(ownedBy),
	})
	switch {
	case old == nil:
		if err := s.backend.CreateBucket(t.bucket); err != nil {
			return nil, err
		}
	case old.Owner != s.account:
		return nil, wire.Errorf("BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
	case old.Region != oldest || t.call.Region != oldest:
		return nil, wire.Errorf("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	}
	a, err := t.ok(nil)
	if err != nil {
		return nil, err
	}
	a.Header.Set("Location", "/"+t.bucket)
	return a, nil
}

// regionOfNew reads where the new bucket is to be.
func (t *target) regionOfNew() (string, error) {
	var wanted struct{ LocationConstraint string }
	if len(t.call.Body) > 0 {
		if err := t.read(&wanted); err != nil {
			return "", err
		}
	}
	at := wanted.LocationConstraint
	switch {
	case at == oldest:
		return "", wire.Errorf("InvalidLocationConstraint", "The specified location-constraint is not valid")
	case at == "" && t.call.Region == oldest, at == t.call.Region, at != "" && t.call.Region == oldest:
		if at == "" {
			at = oldest
		}
		return at, nil
	case at == "":
		at = "unspecified"
	}
	return "", wire.Errorf("IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", at)
}

func (s *Service) deleteBucket(t *target) (*wire.Answer, error) {
	if err := s.backend.DeleteBucket(t.bucket); err != nil {
		if gofakes3.HasErrorCode(err, gofakes3.ErrBucketNotEmpty) {
			return nil, wire.Errorf("BucketNotEmpty", "The bucket you tried to delete is not empty")
		}
		return nil, err
	}
	s.buckets.remove(t.bucket)
	return wire.RESTAnswer(t.call, http.StatusNoContent, nil)
}
