package s3

import (
	"net/http"

	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// level is what a path addresses.
type level int

const (
	onService level = iota
	onBucket
	onObject
)

// operation is one operation of the API.
type operation struct {
	level      level
	method     string
	sub        string // the query parameter that selects it, "" for none
	name       string
	permission string // "" for a check of its own
	run        func(*Service, *target) (*wire.Answer, error)
}

// operations are what the sandbox knows. The first one that fits is it, so
// that those with a query parameter come before those without.
var operations = []operation{
	{onService, http.MethodGet, "", "ListBuckets", "s3:ListAllMyBuckets", (*Service).listBuckets},

	{onBucket, http.MethodGet, "location", "GetBucketLocation", "s3:GetBucketLocation", (*Service).getLocation},
	{onBucket, http.MethodGet, "publicAccessBlock", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", (*Service).getPublicAccess},
	{onBucket, http.MethodPut, "publicAccessBlock", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock", (*Service).putPublicAccess},
	{onBucket, http.MethodDelete, "publicAccessBlock", "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock", (*Service).deletePublicAccess},
	{onBucket, http.MethodGet, "encryption", "GetBucketEncryption", "s3:GetEncryptionConfiguration", (*Service).getEncryption},
	{onBucket, http.MethodPut, "encryption", "PutBucketEncryption", "s3:PutEncryptionConfiguration", (*Service).putEncryption},
	{onBucket, http.MethodDelete, "encryption", "DeleteBucketEncryption", "s3:PutEncryptionConfiguration", (*Service).deleteEncryption},
	{onBucket, http.MethodGet, "policyStatus", "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", (*Service).getPolicyStatus},
	{onBucket, http.MethodGet, "policy", "GetBucketPolicy", "s3:GetBucketPolicy", (*Service).getPolicy},
	{onBucket, http.MethodPut, "policy", "PutBucketPolicy", "s3:PutBucketPolicy", (*Service).putPolicy},
	{onBucket, http.MethodDelete, "policy", "DeleteBucketPolicy", "s3:DeleteBucketPolicy", (*Service).deletePolicy},
	{onBucket, http.MethodGet, "tagging", "GetBucketTagging", "s3:GetBucketTagging", (*Service).getTagging},
	{onBucket, http.MethodPut, "tagging", "PutBucketTagging", "s3:PutBucketTagging", (*Service).putTagging},
	{onBucket, http.MethodDelete, "tagging", "DeleteBucketTagging", "s3:PutBucketTagging", (*Service).deleteTagging},
	{onBucket, http.MethodGet, "ownershipControls", "GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", (*Service).getOwnership},
	{onBucket, http.MethodPut, "ownershipControls", "PutBucketOwnershipControls", "s3:PutBucketOwnershipControls", (*Service).putOwnership},
	{onBucket, http.MethodDelete, "ownershipControls", "DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls", (*Service).deleteOwnership},
	{onBucket, http.MethodGet, "acl", "GetBucketAcl", "s3:GetBucketAcl", (*Service).getACL},
	{onBucket, http.MethodGet, "versioning", "GetBucketVersioning", "s3:GetBucketVersioning", (*Service).atStore},
	{onBucket, http.MethodPut, "versioning", "PutBucketVersioning", "s3:PutBucketVersioning", (*Service).atStore},
	{onBucket, http.MethodGet, "versions", "ListObjectVersions", "s3:ListBucketVersions", (*Service).atStore},
	{onBucket, http.MethodGet, "uploads", "ListMultipartUploads", "s3:ListBucketMultipartUploads", (*Service).atStore},
	{onBucket, http.MethodPost, "delete", "DeleteObjects", "", (*Service).deleteObjects},

	// Settings that the sandbox does not keep: nobody ever made them.
	{onBucket, http.MethodGet, "lifecycle", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", never("NoSuchLifecycleConfiguration")},
	{onBucket, http.MethodGet, "cors", "GetBucketCors", "s3:GetBucketCORS", never("NoSuchCORSConfiguration")},
	{onBucket, http.MethodGet, "website", "GetBucketWebsite", "s3:GetBucketWebsite", never("NoSuchWebsiteConfiguration")},
	{onBucket, http.MethodGet, "replication", "GetBucketReplication", "s3:GetReplicationConfiguration", never("ReplicationConfigurationNotFoundError")},
	{onBucket, http.MethodGet, "object-lock", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", never("ObjectLockConfigurationNotFoundError")},
	{onBucket, http.MethodGet, "logging", "GetBucketLogging", "s3:GetBucketLogging", blank("BucketLoggingStatus", "")},
	{onBucket, http.MethodGet, "accelerate", "GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration", blank("AccelerateConfiguration", "")},
	{onBucket, http.MethodGet, "requestPayment", "GetBucketRequestPayment", "s3:GetBucketRequestPayment", blank("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>")},

	{onBucket, http.MethodGet, "list-type", "ListObjectsV2", "s3:ListBucket", (*Service).atStore},
	{onBucket, http.MethodGet, "", "ListObjects", "s3:ListBucket", (*Service).atStore},
	{onBucket, http.MethodHead, "", "HeadBucket", "s3:ListBucket", (*Service).headBucket},
	{onBucket, http.MethodPut, "", "CreateBucket", "s3:CreateBucket", (*Service).createBucket},
	{onBucket, http.MethodDelete, "", "DeleteBucket", "s3:DeleteBucket", (*Service).deleteBucket},

	{onObject, http.MethodPost, "uploads", "CreateMultipartUpload", "s3:PutObject", (*Service).atStore},
	{onObject, http.MethodPut, "partNumber", "UploadPart", "s3:PutObject", (*Service).putObject},
	{onObject, http.MethodPost, "uploadId", "CompleteMultipartUpload", "s3:PutObject", (*Service).atStore},
	{onObject, http.MethodDelete, "uploadId", "AbortMultipartUpload", "s3:AbortMultipartUpload", (*Service).atStore},
	{onObject, http.MethodGet, "uploadId", "ListParts", "s3:ListMultipartUploadParts", (*Service).atStore},
	{onObject, http.MethodGet, "acl", "GetObjectAcl", "s3:GetObjectAcl", (*Service).getACL},
	{onObject, http.MethodGet, "tagging", "GetObjectTagging", "s3:GetObjectTagging", blank("Tagging", "<TagSet></TagSet>")},
	{onObject, http.MethodGet, "versionId", "GetObject", "s3:GetObjectVersion", (*Service).getObject},
	{onObject, http.MethodHead, "versionId", "HeadObject", "s3:GetObjectVersion", (*Service).getObject},
	{onObject, http.MethodDelete, "versionId", "DeleteObject", "s3:DeleteObjectVersion", (*Service).atStore},
	{onObject, http.MethodGet, "", "GetObject", "s3:GetObject", (*Service).getObject},
	{onObject, http.MethodHead, "", "HeadObject", "s3:GetObject", (*Service).getObject},
	{onObject, http.MethodPut, "", "PutObject", "s3:PutObject", (*Service).putObject},
	{onObject, http.MethodDelete, "", "DeleteObject", "s3:DeleteObject", (*Service).atStore},
}

// stillUnknown are query parameters that select operations which the sandbox
// does not have. Without this list they would pass for something else.
var stillUnknown = []string{
	"analytics", "attributes", "intelligent-tiering", "inventory", "legal-hold", "metrics",
	"notification", "restore", "retention", "select", "torrent", "policyStatus", "publicAccessBlock",
	"encryption", "policy", "tagging", "ownershipControls", "acl", "versioning", "versions", "lifecycle",
	"cors", "website", "replication", "object-lock", "logging", "accelerate", "requestPayment", "session",
}
