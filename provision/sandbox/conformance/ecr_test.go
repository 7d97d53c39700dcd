package conformance

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

func (c *cloud) makeRepository(ctx context.Context, in *ecr.CreateRepositoryInput) (*string, error) {
	in.RepositoryName = aws.String(c.name("team/app"))
	_, err := c.ecr.CreateRepository(ctx, in)
	return in.RepositoryName, err
}

func digest(b string) string {
	sum := sha256.Sum256([]byte(b))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// pushLayer uploads a layer the way docker does.
func (c *cloud) pushLayer(ctx context.Context, repository *string, layer string) error {
	started, err := c.ecr.InitiateLayerUpload(ctx, &ecr.InitiateLayerUploadInput{RepositoryName: repository})
	if err != nil {
		return err
	}
	half := len(layer) / 2
	for _, part := range [][2]int{{0, half}, {half, len(layer)}} {
		_, err := c.ecr.UploadLayerPart(ctx, &ecr.UploadLayerPartInput{
			RepositoryName: repository, UploadId: started.UploadId, LayerPartBlob: []byte(layer[part[0]:part[1]]),
			PartFirstByte: aws.Int64(int64(part[0])), PartLastByte: aws.Int64(int64(part[1] - 1)),
		})
		if err != nil {
			return err
		}
	}
	_, err = c.ecr.CompleteLayerUpload(ctx, &ecr.CompleteLayerUploadInput{
		RepositoryName: repository, UploadId: started.UploadId, LayerDigests: []string{digest(layer)},
	})
	return err
}

func manifestOf(config, layer string) *string {
	const image = "application/vnd.docker.distribution.manifest.v2+json"
	return aws.String(`{"schemaVersion":2,"mediaType":"` + image + `","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":` +
		"10" + `,"digest":"` + digest(config) + `"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":10,"digest":"` + digest(layer) + `"}]}`)
}

var repositories = []behaviour{
	{"a login token names the user AWS and the registry", func(ctx context.Context, c *cloud) error {
		out, err := c.ecr.GetAuthorizationToken(ctx, nil)
		if err != nil {
			return err
		}
		data := out.AuthorizationData[0]
		text, err := base64.StdEncoding.DecodeString(*data.AuthorizationToken)
		return first(
			err,
			equal("user", strings.HasPrefix(string(text), "AWS:"), true),
			equal("registry", *data.ProxyEndpoint, "https://123456789012.dkr.ecr.us-east-1.amazonaws.com"),
		)
	}},
	{"a repository has an ARN, a URI and its settings", func(ctx context.Context, c *cloud) error {
		name, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{
			ImageTagMutability: types.ImageTagMutabilityImmutable, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
		})
		if err != nil {
			return err
		}
		out, err := c.ecr.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{*name}})
		if err != nil {
			return err
		}
		r := out.Repositories[0]
		return first(
			equal("ARN", *r.RepositoryArn, "arn:aws:ecr:us-east-1:123456789012:repository/"+*name),
			equal("URI", *r.RepositoryUri, "123456789012.dkr.ecr.us-east-1.amazonaws.com/"+*name),
			equal("mutability", r.ImageTagMutability, types.ImageTagMutabilityImmutable),
			equal("scanning", r.ImageScanningConfiguration.ScanOnPush, true),
		)
	}},
	{"a repository name is taken once", func(ctx context.Context, c *cloud) error {
		if _, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{}); err != nil {
			return err
		}
		_, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{})
		return refused(err, "RepositoryAlreadyExistsException")
	}},
	{"a repository name is in lower case", func(ctx context.Context, c *cloud) error {
		_, err := c.ecr.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String("Team/App")})
		return refused(err, "InvalidParameterException")
	}},
	{"a repository that is not there cannot be found", func(ctx context.Context, c *cloud) error {
		_, err := c.ecr.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{c.name("none")}})
		return refused(err, "RepositoryNotFoundException")
	}},
	{"an image is pushed layer by layer and pulled again", func(ctx context.Context, c *cloud) error {
		name, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{})
		if err != nil {
			return err
		}
		config, layer := c.name(`{"config":1}`), c.name("the bytes of a layer")
		before, err := c.ecr.BatchCheckLayerAvailability(ctx, &ecr.BatchCheckLayerAvailabilityInput{RepositoryName: name, LayerDigests: []string{digest(layer)}})
		if err != nil {
			return err
		}
		if err := first(c.pushLayer(ctx, name, config), c.pushLayer(ctx, name, layer)); err != nil {
			return err
		}
		after, err := c.ecr.BatchCheckLayerAvailability(ctx, &ecr.BatchCheckLayerAvailabilityInput{RepositoryName: name, LayerDigests: []string{digest(layer)}})
		if err != nil {
			return err
		}
		pushed, err := c.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageManifest: manifestOf(config, layer), ImageTag: aws.String("v1")})
		if err != nil {
			return err
		}
		pulled, err := c.ecr.BatchGetImage(ctx, &ecr.BatchGetImageInput{RepositoryName: name, ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("v1")}}})
		if err != nil {
			return err
		}
		return first(
			equal("layer before", before.Layers[0].LayerAvailability, types.LayerAvailabilityUnavailable),
			equal("layer after", after.Layers[0].LayerAvailability, types.LayerAvailabilityAvailable),
			equal("digest", *pushed.Image.ImageId.ImageDigest, digest(*manifestOf(config, layer))),
			equal("manifest", *pulled.Images[0].ImageManifest, *manifestOf(config, layer)),
			c.sameLayer(ctx, name, layer),
		)
	}},
	{"an image needs its layers", func(ctx context.Context, c *cloud) error {
		name, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{})
		if err != nil {
			return err
		}
		_, err = c.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageManifest: manifestOf("not", "there"), ImageTag: aws.String("v1")})
		return refused(err, "LayersNotFoundException")
	}},
	{"a layer must have the digest that was announced", func(ctx context.Context, c *cloud) error {
		name, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{})
		if err != nil {
			return err
		}
		started, err := c.ecr.InitiateLayerUpload(ctx, &ecr.InitiateLayerUploadInput{RepositoryName: name})
		if err != nil {
			return err
		}
		_, err = c.ecr.UploadLayerPart(ctx, &ecr.UploadLayerPartInput{
			RepositoryName: name, UploadId: started.UploadId, LayerPartBlob: []byte("a"), PartFirstByte: aws.Int64(0), PartLastByte: aws.Int64(0),
		})
		if err != nil {
			return err
		}
		_, err = c.ecr.CompleteLayerUpload(ctx, &ecr.CompleteLayerUploadInput{RepositoryName: name, UploadId: started.UploadId, LayerDigests: []string{digest("b")}})
		return refused(err, "InvalidLayerException")
	}},
	{"a tag of an immutable repository stays where it is", func(ctx context.Context, c *cloud) error {
		name, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{ImageTagMutability: types.ImageTagMutabilityImmutable})
		if err != nil {
			return err
		}
		if err := first(c.pushLayer(ctx, name, "config"), c.pushLayer(ctx, name, "layer one"), c.pushLayer(ctx, name, "layer two")); err != nil {
			return err
		}
		_, e1 := c.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageManifest: manifestOf("config", "layer one"), ImageTag: aws.String("v1")})
		_, e2 := c.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageManifest: manifestOf("config", "layer two"), ImageTag: aws.String("v1")})
		return first(e1, refused(e2, "ImageTagAlreadyExistsException"))
	}},
	{"a repository with images is deleted by force only", func(ctx context.Context, c *cloud) error {
		name, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{})
		if err != nil {
			return err
		}
		if err := first(c.pushLayer(ctx, name, "config"), c.pushLayer(ctx, name, "layer")); err != nil {
			return err
		}
		if _, err := c.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: name, ImageManifest: manifestOf("config", "layer"), ImageTag: aws.String("v1")}); err != nil {
			return err
		}
		_, kept := c.ecr.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: name})
		_, gone := c.ecr.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: name, Force: true})
		return first(refused(kept, "RepositoryNotEmptyException"), gone)
	}},
	{"a repository has no policy until one is set", func(ctx context.Context, c *cloud) error {
		name, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{})
		if err != nil {
			return err
		}
		_, none := c.ecr.GetRepositoryPolicy(ctx, &ecr.GetRepositoryPolicyInput{RepositoryName: name})
		text := `{"Version":"2012-10-17","Statement":[{"Sid":"CrossAccountPull","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["ecr:BatchGetImage"]}]}`
		if _, err := c.ecr.SetRepositoryPolicy(ctx, &ecr.SetRepositoryPolicyInput{RepositoryName: name, PolicyText: &text}); err != nil {
			return err
		}
		_, err = c.ecr.GetRepositoryPolicy(ctx, &ecr.GetRepositoryPolicyInput{RepositoryName: name})
		return first(refused(none, "RepositoryPolicyNotFoundException"), err)
	}},
	{"tags of a repository can be changed", func(ctx context.Context, c *cloud) error {
		name, err := c.makeRepository(ctx, &ecr.CreateRepositoryInput{})
		if err != nil {
			return err
		}
		arn := aws.String("arn:aws:ecr:us-east-1:123456789012:repository/" + *name)
		if _, err := c.ecr.TagResource(ctx, &ecr.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}); err != nil {
			return err
		}
		out, err := c.ecr.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: arn})
		if err != nil {
			return err
		}
		return first(equal("tags", len(out.Tags), 1), equal("tag", *out.Tags[0].Value, "v"))
	}},
}

// sameLayer downloads a layer and compares it.
func (c *cloud) sameLayer(ctx context.Context, repository *string, layer string) error {
	out, err := c.ecr.GetDownloadUrlForLayer(ctx, &ecr.GetDownloadUrlForLayerInput{RepositoryName: repository, LayerDigest: aws.String(digest(layer))})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, *out.DownloadUrl, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	return equal("layer", string(body), layer)
}
