package ecr

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// image is a manifest with its tags.
type image struct {
	digest, manifest, mediaType string
	tags                        []string
	pushed                      time.Time
	size                        int
}

type imageShape struct {
	RegistryID             string  `json:"registryId"`
	RepositoryName         string  `json:"repositoryName"`
	ImageID                imageID `json:"imageId"`
	ImageManifest          string  `json:"imageManifest"`
	ImageManifestMediaType string  `json:"imageManifestMediaType"`
}

type imageFailure struct {
	ImageID       imageID `json:"imageId"`
	FailureCode   string  `json:"failureCode"`
	FailureReason string  `json:"failureReason"`
}

// manifest is what is read of an image manifest, of one image or of several.
type manifest struct {
	MediaType string `json:"mediaType"`
	Config    *descriptor
	Layers    []descriptor
	Manifests []descriptor
}

type descriptor struct {
	Digest string `json:"digest"`
	Size   int    `json:"size"`
}

// putImage stores a manifest whose layers are all there.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
func (s *Service) putImage(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal([]byte(in.ImageManifest), &m); err != nil {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'")
	}
	digest := digestOf([]byte(in.ImageManifest))
	if in.ImageDigest != "" && in.ImageDigest != digest {
		return nil, wire.Errorf("ImageDigestDoesNotMatchException", "The digest '%s' does not match the digest '%s' of the manifest", in.ImageDigest, digest)
	}
	if err := r.complete(m); err != nil {
		return nil, err
	}
	img, there := r.images[digest]
	tagged := r.tagged(in.ImageTag)
	switch {
	case there && (in.ImageTag == "" || tagged == img):
		return nil, wire.Errorf("ImageAlreadyExistsException", "Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'", digest, in.ImageTag, r.name, s.account)
	case tagged != nil && r.immutable:
		return nil, wire.Errorf("ImageTagAlreadyExistsException", "The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.", in.ImageTag, r.name)
	case !there:
		img = &image{digest: digest, manifest: in.ImageManifest, mediaType: cmp.Or(in.ImageManifestMediaType, m.MediaType), pushed: c.Now, size: m.size()}
		r.images[digest] = img
	}
	if tagged != nil {
		tagged.tags = slices.DeleteFunc(tagged.tags, func(t string) bool { return t == in.ImageTag })
	}
	if in.ImageTag != "" {
		img.tags = append(img.tags, in.ImageTag)
	}
	return map[string]imageShape{"image": s.imageShape(r, img, in.ImageTag)}, nil
}

// complete refuses a manifest of which something was not uploaded.
func (r *repository) complete(m manifest) error {
	layers := m.Layers
	if m.Config != nil {
		layers = append(layers, *m.Config)
	}
	for _, l := range layers {
		if _, there := r.layers[l.Digest]; !there {
			return wire.Errorf("LayersNotFoundException", "Layers with digests '[%s]' required for pushing image into repository with name '%s' in the registry do not exist", l.Digest, r.name)
		}
	}
	for _, i := range m.Manifests {
		if _, there := r.images[i.Digest]; !there {
			return wire.Errorf("ReferencedImagesNotFoundException", "Images with digests '[%s]' required for pushing image into repository with name '%s' in the registry do not exist", i.Digest, r.name)
		}
	}
	return nil
}

func (m manifest) size() int {
	total := 0
	for _, l := range m.Layers {
		total += l.Size
	}
	return total
}

// tagged returns the image with the tag, nil if there is none.
func (r *repository) tagged(tag string) *image {
	for _, img := range r.images {
		if tag != "" && slices.Contains(img.tags, tag) {
			return img
		}
	}
	return nil
}

// sorted returns the images, oldest first.
func (r *repository) sorted() []*image {
	return slices.SortedFunc(maps.Values(r.images), func(a, b *image) int {
		return cmp.Or(a.pushed.Compare(b.pushed), cmp.Compare(a.digest, b.digest))
	})
}

func (r *repository) allTags() []string {
	var out []string
	for _, img := range r.images {
		out = append(out, img.tags...)
	}
	slices.Sort(out)
	return out
}

func (s *Service) imageShape(r *repository, img *image, tag string) imageShape {
	return imageShape{s.account, r.name, imageID{img.digest, tag}, img.manifest, img.mediaType}
}

// lookup returns the image that an ID names.
func (r *repository) lookup(id imageID) (*image, *imageFailure) {
	img := r.images[id.ImageDigest]
	if id.ImageDigest == "" {
		img = r.tagged(id.ImageTag)
	}
	if img == nil || (id.ImageDigest != "" && id.ImageTag != "" && !slices.Contains(img.tags, id.ImageTag)) {
		return nil, &imageFailure{id, "ImageNotFound", "Requested image not found"}
	}
	return img, nil
}

func (s *Service) batchGetImage(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	images, failures := []imageShape{}, []imageFailure{}
	for _, id := range in.ImageIDs {
		img, failure := r.lookup(id)
		if failure != nil {
			failures = append(failures, *failure)
			continue
		}
		images = append(images, s.imageShape(r, img, id.ImageTag))
	}
	return map[string]any{"images": images, "failures": failures}, nil
}

// batchDeleteImage removes a tag, or with a digest the whole image. An image
// that loses its last tag goes with it.
func (s *Service) batchDeleteImage(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	gone, failures := []imageID{}, []imageFailure{}
	for _, id := range in.ImageIDs {
		img, failure := r.lookup(id)
		if failure != nil {
			failures = append(failures, *failure)
			continue
		}
		if id.ImageTag != "" && id.ImageDigest == "" {
			img.tags = slices.DeleteFunc(img.tags, func(t string) bool { return t == id.ImageTag })
		}
		if id.ImageDigest != "" || len(img.tags) == 0 {
			delete(r.images, img.digest)
		}
		gone = append(gone, imageID{img.digest, id.ImageTag})
	}
	return map[string]any{"imageIds": gone, "failures": failures}, nil
}

func (s *Service) listImages(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	var ids []imageID
	for _, img := range r.sorted() {
		for _, t := range img.tags {
			if in.Filter.TagStatus != "UNTAGGED" {
				ids = append(ids, imageID{img.digest, t})
			}
		}
		if len(img.tags) == 0 && in.Filter.TagStatus != "TAGGED" {
			ids = append(ids, imageID{ImageDigest: img.digest})
		}
	}
	page, next, err := pageOf(ids, in, 100)
	if err != nil {
		return nil, err
	}
	return struct {
		ImageIDs  []imageID `json:"imageIds"`
		NextToken string    `json:"nextToken,omitempty"`
	}{append([]imageID{}, page...), next}, nil
}

func (s *Service) describeImages(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	wanted := r.sorted()
	if len(in.ImageIDs) > 0 {
		wanted = nil
		for _, id := range in.ImageIDs {
			img, failure := r.lookup(id)
			if failure != nil {
				return nil, wire.Errorf("ImageNotFoundException", "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'", id.ImageDigest, id.ImageTag, r.name, s.account)
			}
			wanted = append(wanted, img)
		}
	}
	page, next, err := pageOf(wanted, in, 100)
	if err != nil {
		return nil, err
	}
	type detail struct {
		RegistryID       string   `json:"registryId"`
		RepositoryName   string   `json:"repositoryName"`
		ImageDigest      string   `json:"imageDigest"`
		ImageTags        []string `json:"imageTags,omitempty"`
		ImageSizeInBytes int      `json:"imageSizeInBytes"`
		ImagePushedAt    float64  `json:"imagePushedAt"`
		MediaType        string   `json:"imageManifestMediaType"`
	}
	details := []detail{}
	for _, img := range page {
		details = append(details, detail{s.account, r.name, img.digest, img.tags, img.size, epoch(img.pushed), img.mediaType})
	}
	return struct {
		ImageDetails []detail `json:"imageDetails"`
		NextToken    string   `json:"nextToken,omitempty"`
	}{details, next}, nil
}
