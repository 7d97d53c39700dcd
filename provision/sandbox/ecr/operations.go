package ecr

import (
	"encoding/json"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// input is the union of the parameters of all operations.
type input struct {
	RepositoryName     string   `json:"repositoryName"`
	RepositoryNames    []string `json:"repositoryNames"`
	ResourceARN        string   `json:"resourceArn"`
	Tags               []tag    `json:"tags"`
	TagKeys            []string `json:"tagKeys"`
	Force              bool     `json:"force"`
	PolicyText         string   `json:"policyText"`
	ImageTagMutability string   `json:"imageTagMutability"`

	ImageScanningConfiguration *scanning   `json:"imageScanningConfiguration"`
	EncryptionConfiguration    *encryption `json:"encryptionConfiguration"`

	LayerDigest   string   `json:"layerDigest"`
	LayerDigests  []string `json:"layerDigests"`
	UploadID      string   `json:"uploadId"`
	PartFirstByte int64    `json:"partFirstByte"`
	PartLastByte  int64    `json:"partLastByte"`
	LayerPartBlob []byte   `json:"layerPartBlob"`

	ImageManifest          string    `json:"imageManifest"`
	ImageManifestMediaType string    `json:"imageManifestMediaType"`
	ImageTag               string    `json:"imageTag"`
	ImageDigest            string    `json:"imageDigest"`
	ImageIDs               []imageID `json:"imageIds"`
	Filter                 struct {
		TagStatus string `json:"tagStatus"`
	} `json:"filter"`

	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type scanning struct {
	ScanOnPush bool `json:"scanOnPush"`
}

type encryption struct {
	EncryptionType string `json:"encryptionType"`
	KMSKey         string `json:"kmsKey,omitempty"`
}

type imageID struct {
	ImageDigest string `json:"imageDigest,omitempty"`
	ImageTag    string `json:"imageTag,omitempty"`
}

func decode(c *wire.Call) (input, error) {
	var in input
	if len(c.Body) == 0 {
		return in, nil
	}
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return in, wire.Errorf("SerializationException", "The request body is not the JSON that %s takes.", c.Action)
	}
	return in, nil
}

// operations are the actions that the sandbox knows. Each is called with the
// service locked.
var operations = map[string]func(*Service, *wire.Call, input) (any, error){
	"GetAuthorizationToken":         (*Service).getAuthorizationToken,
	"CreateRepository":              (*Service).createRepository,
	"DescribeRepositories":          (*Service).describeRepositories,
	"DeleteRepository":              (*Service).deleteRepository,
	"SetRepositoryPolicy":           (*Service).setRepositoryPolicy,
	"GetRepositoryPolicy":           (*Service).getRepositoryPolicy,
	"DeleteRepositoryPolicy":        (*Service).deleteRepositoryPolicy,
	"PutImageTagMutability":         (*Service).putImageTagMutability,
	"PutImageScanningConfiguration": (*Service).putImageScanningConfiguration,
	"TagResource":                   (*Service).tagResource,
	"UntagResource":                 (*Service).untagResource,
	"ListTagsForResource":           (*Service).listTagsForResource,
	"BatchCheckLayerAvailability":   (*Service).batchCheckLayerAvailability,
	"InitiateLayerUpload":           (*Service).initiateLayerUpload,
	"UploadLayerPart":               (*Service).uploadLayerPart,
	"CompleteLayerUpload":           (*Service).completeLayerUpload,
	"GetDownloadUrlForLayer":        (*Service).getDownloadURLForLayer,
	"PutImage":                      (*Service).putImage,
	"BatchGetImage":                 (*Service).batchGetImage,
	"BatchDeleteImage":              (*Service).batchDeleteImage,
	"ListImages":                    (*Service).listImages,
	"DescribeImages":                (*Service).describeImages,
}
