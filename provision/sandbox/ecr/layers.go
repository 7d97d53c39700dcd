package ecr

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// upload is a layer on its way.
type upload struct{ data []byte }

const layerMediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip"

// partSize is the size of parts that clients should send.
const partSize = 20 << 20

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (s *Service) batchCheckLayerAvailability(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	type layer struct {
		LayerDigest       string `json:"layerDigest"`
		LayerAvailability string `json:"layerAvailability"`
		LayerSize         int    `json:"layerSize,omitempty"`
		MediaType         string `json:"mediaType,omitempty"`
	}
	type failure struct {
		LayerDigest   string `json:"layerDigest"`
		FailureCode   string `json:"failureCode"`
		FailureReason string `json:"failureReason"`
	}
	layers, failures := []layer{}, []failure{}
	for _, digest := range in.LayerDigests {
		data, there := r.layers[digest]
		switch {
		case there:
			layers = append(layers, layer{digest, "AVAILABLE", len(data), layerMediaType})
		case !strings.HasPrefix(digest, "sha256:"):
			failures = append(failures, failure{digest, "InvalidLayerDigest", "The layer digest is not valid"})
		default:
			layers = append(layers, layer{LayerDigest: digest, LayerAvailability: "UNAVAILABLE"})
		}
	}
	return map[string]any{"layers": layers, "failures": failures}, nil
}

func (s *Service) initiateLayerUpload(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	id := s.mint.ID("")
	r.uploads[id] = &upload{}
	return map[string]any{"uploadId": id, "partSize": partSize}, nil
}

func (s *Service) uploadLayerPart(c *wire.Call, in input) (any, error) {
	r, u, err := s.findUpload(c, in)
	if err != nil {
		return nil, err
	}
	if in.PartFirstByte != int64(len(u.data)) || in.PartLastByte != in.PartFirstByte+int64(len(in.LayerPartBlob))-1 {
		return nil, wire.Errorf("InvalidLayerPartException", "The layer part does not follow the last byte received, %d", len(u.data)-1)
	}
	u.data = append(u.data, in.LayerPartBlob...)
	return map[string]any{
		"registryId": s.account, "repositoryName": r.name, "uploadId": in.UploadID, "lastByteReceived": len(u.data) - 1,
	}, nil
}

func (s *Service) completeLayerUpload(c *wire.Call, in input) (any, error) {
	r, u, err := s.findUpload(c, in)
	if err != nil {
		return nil, err
	}
	digest := digestOf(u.data)
	if len(in.LayerDigests) != 1 || in.LayerDigests[0] != digest {
		return nil, wire.Errorf("InvalidLayerException", "Layer digest does not match the computed digest '%s'", digest)
	}
	if _, there := r.layers[digest]; there {
		return nil, wire.Errorf("LayerAlreadyExistsException", "The layer with digest '%s' already exists", digest)
	}
	r.layers[digest] = u.data
	delete(r.uploads, in.UploadID)
	return map[string]string{
		"registryId": s.account, "repositoryName": r.name, "uploadId": in.UploadID, "layerDigest": digest,
	}, nil
}

func (s *Service) findUpload(c *wire.Call, in input) (*repository, *upload, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, nil, err
	}
	u, there := r.uploads[in.UploadID]
	if !there {
		return nil, nil, wire.Errorf("UploadNotFoundException", "The upload with id '%s' was not found", in.UploadID)
	}
	return r, u, nil
}

// DownloadPath is where offered layers are found on the sandbox. No bucket can
// have such a name.
const DownloadPath = "/_layers/"

func (s *Service) getDownloadURLForLayer(c *wire.Call, in input) (any, error) {
	r, err := s.find(c, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	data, there := r.layers[in.LayerDigest]
	if !there {
		return nil, wire.Errorf("LayersNotFoundException", "The layer with digest '%s' does not exist", in.LayerDigest)
	}
	path := DownloadPath + s.mint.ID("")
	s.downloads[path] = data
	return map[string]string{"downloadUrl": s.url() + path, "layerDigest": in.LayerDigest}, nil
}
