package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// makeBucket makes a bucket and returns its name.
func (c *cloud) makeBucket(ctx context.Context) (*string, error) {
	b := aws.String(c.name("bucket"))
	_, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b})
	return b, err
}

func (c *cloud) put(ctx context.Context, bucket *string, key, content string) error {
	_, err := c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader(content)})
	return err
}

func (c *cloud) read(ctx context.Context, bucket *string, key string) (string, error) {
	out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &key})
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(out.Body)
	return string(b), errors.Join(err, out.Body.Close())
}

// status tells whether the error came with the HTTP status, and is nil if so.
func status(err error, want int) error {
	if err == nil {
		return fmt.Errorf("the call succeeded, want status %d", want)
	}
	var resp *smithyhttp.ResponseError
	if !errors.As(err, &resp) {
		return fmt.Errorf("want status %d, got %w", want, err)
	}
	return equal("status", resp.HTTPStatusCode(), want)
}

var buckets = []behaviour{
	{"a bucket is found by its head, with its region", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		out, err := c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: b})
		if err != nil {
			return err
		}
		return equal("region", aws.ToString(out.BucketRegion), "us-east-1")
	}},
	{"the head of no bucket is 404", func(ctx context.Context, c *cloud) error {
		_, err := c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(c.name("none"))})
		return status(err, http.StatusNotFound)
	}},
	{"a bucket of another region answers with a redirection", func(ctx context.Context, c *cloud) error {
		b := aws.String(c.name("far"))
		_, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{
			Bucket: b, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraintEuWest1},
		})
		if err != nil {
			return err
		}
		_, err = c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: b})
		return status(err, http.StatusMovedPermanently)
	}},
	{"a bucket name follows the rules", func(ctx context.Context, c *cloud) error {
		for _, name := range []string{"Upper", "ab", "a..b"} {
			_, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(name)})
			if wrong := refused(err, "InvalidBucketName"); wrong != nil {
				return fmt.Errorf("%s: %w", name, wrong)
			}
		}
		return nil
	}},
	{"making one's own bucket again in the first region is nothing", func(ctx context.Context, c *cloud) error {
		if _, err := c.makeBucket(ctx); err != nil {
			return err
		}
		_, err := c.makeBucket(ctx)
		return err
	}},
	{"the location of the first region has no name", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		out, err := c.s3.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: b})
		return first(err, equal("location", string(out.LocationConstraint), ""))
	}},
	{"a bucket with objects is not deleted", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		if err := c.put(ctx, b, "k", "v"); err != nil {
			return err
		}
		_, kept := c.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: b})
		_, e1 := c.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: aws.String("k")})
		_, e2 := c.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: b})
		_, gone := c.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: b})
		return first(refused(kept, "BucketNotEmpty"), e1, e2, status(gone, http.StatusNotFound))
	}},
	{"own buckets are listed", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		out, err := c.s3.ListBuckets(ctx, nil)
		if err != nil {
			return err
		}
		for _, entry := range out.Buckets {
			if *entry.Name == *b {
				return nil
			}
		}
		return errors.New("the bucket is not listed")
	}},
	{"a bucket has no policy until one is set", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		_, none := c.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
		text := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::` + *b + `","arn:aws:s3:::` + *b + `/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
		if _, err := c.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: b, Policy: &text}); err != nil {
			return err
		}
		out, err := c.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
		if err != nil {
			return err
		}
		_, e1 := c.s3.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: b})
		_, again := c.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
		return first(refused(none, "NoSuchBucketPolicy"), equal("policy", *out.Policy, text), e1, refused(again, "NoSuchBucketPolicy"))
	}},
	{"a new bucket blocks public access", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		out, err := c.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
		if err != nil {
			return err
		}
		return equal("block", aws.ToBool(out.PublicAccessBlockConfiguration.BlockPublicPolicy), true)
	}},
	{"the block of public access can be set and removed", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		_, err = c.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: b, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}})
		if err != nil {
			return err
		}
		out, err := c.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
		if err != nil {
			return err
		}
		_, e1 := c.s3.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: b})
		_, none := c.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
		return first(
			equal("ACLs", aws.ToBool(out.PublicAccessBlockConfiguration.BlockPublicAcls), true),
			equal("policies", aws.ToBool(out.PublicAccessBlockConfiguration.BlockPublicPolicy), false),
			e1, refused(none, "NoSuchPublicAccessBlockConfiguration"),
		)
	}},
	{"a bucket encrypts with AES256 without being asked", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		out, err := c.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: b})
		if err != nil {
			return err
		}
		return equal("algorithm", out.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm, types.ServerSideEncryptionAes256)
	}},
	{"versioning is off until it is switched on", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		before, err := c.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b})
		if err != nil {
			return err
		}
		_, err = c.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: b, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
		if err != nil {
			return err
		}
		after, err := c.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b})
		return first(err, equal("before", string(before.Status), ""), equal("after", after.Status, types.BucketVersioningStatusEnabled))
	}},
	{"a bucket has no tags until some are set", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		_, none := c.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b})
		_, e1 := c.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: b, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}})
		out, e2 := c.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b})
		return first(refused(none, "NoSuchTagSet"), e1, e2, equal("tags", len(out.TagSet), 1))
	}},
}

var objects = []behaviour{
	{"an object reads back as it was written, with its metadata", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		key := "a path/ü+&=?.zip"
		_, err = c.s3.PutObject(ctx, &s3.PutObjectInput{
			Bucket: b, Key: &key, Body: strings.NewReader("content"), ContentType: aws.String("application/zip"), Metadata: map[string]string{"origin": "ci"},
		})
		if err != nil {
			return err
		}
		text, err := c.read(ctx, b, key)
		if err != nil {
			return err
		}
		head, err := c.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: b, Key: &key})
		if err != nil {
			return err
		}
		return first(
			equal("content", text, "content"), equal("type", aws.ToString(head.ContentType), "application/zip"),
			equal("metadata", head.Metadata["origin"], "ci"), equal("length", aws.ToInt64(head.ContentLength), 7),
		)
	}},
	{"an object that is not there has no key", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		_, e1 := c.read(ctx, b, "none")
		_, e2 := c.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: b, Key: aws.String("none")})
		return first(refused(e1, "NoSuchKey"), status(e2, http.StatusNotFound))
	}},
	{"an object in no bucket has no bucket", func(ctx context.Context, c *cloud) error {
		return refused(c.put(ctx, aws.String(c.name("none")), "k", "v"), "NoSuchBucket")
	}},
	{"a range of an object can be read", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		if err := c.put(ctx, b, "k", "0123456789"); err != nil {
			return err
		}
		out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k"), Range: aws.String("bytes=2-4")})
		if err != nil {
			return err
		}
		text, err := io.ReadAll(out.Body)
		return first(errors.Join(err, out.Body.Close()), equal("range", string(text), "234"))
	}},
	{"objects are listed by prefix, with folders", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		for _, k := range []string{"a/1", "a/b/2", "z"} {
			if err := c.put(ctx, b, k, "v"); err != nil {
				return err
			}
		}
		out, err := c.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b, Prefix: aws.String("a/"), Delimiter: aws.String("/")})
		if err != nil {
			return err
		}
		if len(out.Contents) != 1 || len(out.CommonPrefixes) != 1 {
			return fmt.Errorf("%d objects and %d folders, want one of each", len(out.Contents), len(out.CommonPrefixes))
		}
		return first(equal("object", *out.Contents[0].Key, "a/1"), equal("folder", *out.CommonPrefixes[0].Prefix, "a/b/"))
	}},
	{"an object can be copied", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		if err := c.put(ctx, b, "from", "content"); err != nil {
			return err
		}
		if _, err := c.s3.CopyObject(ctx, &s3.CopyObjectInput{Bucket: b, Key: aws.String("to"), CopySource: aws.String(*b + "/from")}); err != nil {
			return err
		}
		text, err := c.read(ctx, b, "to")
		return first(err, equal("copy", text, "content"))
	}},
	{"many objects are deleted at once", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		if err := first(c.put(ctx, b, "a", "1"), c.put(ctx, b, "b", "2")); err != nil {
			return err
		}
		out, err := c.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: b, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("a")}, {Key: aws.String("b")}}}})
		if err != nil {
			return err
		}
		left, err := c.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b})
		return first(err, equal("deleted", len(out.Deleted), 2), equal("left", len(left.Contents), 0))
	}},
	{"a large object is uploaded in parts", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		return c.multipart(ctx, b)
	}},
	{"an upload can be given up", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		key := aws.String("big")
		started, err := c.s3.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: b, Key: key})
		if err != nil {
			return err
		}
		if _, err := c.s3.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: b, Key: key, UploadId: started.UploadId}); err != nil {
			return err
		}
		_, err = c.s3.UploadPart(ctx, &s3.UploadPartInput{Bucket: b, Key: key, UploadId: started.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
		return refused(err, "NoSuchUpload")
	}},
	{"a presigned URL needs no credentials", func(ctx context.Context, c *cloud) error {
		b, err := c.makeBucket(ctx)
		if err != nil {
			return err
		}
		if err := c.put(ctx, b, "k", "content"); err != nil {
			return err
		}
		signed, err := s3.NewPresignClient(c.s3).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k")})
		if err != nil {
			return err
		}
		good, err := fetch(ctx, signed.URL)
		if err != nil {
			return err
		}
		bad, err := fetch(ctx, strings.Replace(signed.URL, "/k?", "/other?", 1))
		return first(err, equal("with its signature", good, http.StatusOK), equal("for another object", bad, http.StatusForbidden))
	}},
}

// multipart uploads two parts and compares the object.
func (c *cloud) multipart(ctx context.Context, bucket *string) error {
	key := aws.String("big")
	parts := [][]byte{bytes.Repeat([]byte("a"), 5<<20), []byte("the end")}
	started, err := c.s3.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	if err != nil {
		return err
	}
	var done []types.CompletedPart
	for i, part := range parts {
		n := aws.Int32(int32(i) + 1)
		out, err := c.s3.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: started.UploadId, PartNumber: n, Body: bytes.NewReader(part)})
		if err != nil {
			return err
		}
		done = append(done, types.CompletedPart{PartNumber: n, ETag: out.ETag})
	}
	_, err = c.s3.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: started.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: done}})
	if err != nil {
		return err
	}
	text, err := c.read(ctx, bucket, *key)
	return first(err, equal("the object is its parts", text == string(bytes.Join(parts, nil)), true))
}

// fetch returns the status of a plain GET.
func fetch(ctx context.Context, url string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
