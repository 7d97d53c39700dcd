package conformance

// The ways in which moto differs for many behaviours.
const (
	lax        = "moto does not check this and lets it pass"
	missing    = "moto does not have the operation and answers 500"
	noChecks   = "moto checks permissions only when told to, and then otherwise than AWS"
	ownWords   = "moto words the message in its own way"
	ownIDs     = "moto's unique IDs have no prefix"
	noPages    = "moto ignores MaxItems here"
	noDefaults = "moto answers as AWS did before it gave new buckets this setting"
)

// motoDiffers are the behaviours in which moto is known to differ from AWS,
// and how. A behaviour that moto learns makes the suite fail, so that the list
// stays true.
var motoDiffers = map[string]string{
	"unique IDs tell the kind of an entity":                                     ownIDs,
	"a name that is taken is refused in AWS's words":                            ownWords,
	"user names differ by more than case":                                       lax,
	"a user name has at most 64 characters":                                     lax,
	"a user name has no spaces":                                                 lax,
	"a user with a key is not deleted":                                          lax,
	"a device that was never made is not enabled":                               lax,
	"a user with a device is not deleted":                                       lax,
	"a user in a group is not deleted":                                          lax,
	"a list of users comes in pages":                                            noPages,
	"a user without a boundary has none to remove":                              missing,
	"a user shows its boundary":                                                 missing,
	"what Terraform asks before it deletes a user is answered with empty lists": missing,
	"a user is in at most ten groups":                                           lax,
	"a group with members is not deleted":                                       lax,
	"a group with policies is not deleted":                                      lax,
	"a policy's document reads back as it was written":                          "moto sends the document as it is, not encoded",
	"a policy has at most 6144 characters, white space aside":                   lax,
	"an attached policy is not deleted, and says where it is attached":          lax,
	"a policy with older versions is not deleted":                               lax,
	"a policy of AWS can be attached":                                           "moto has AWS's own policies only when told to load them",
	"a trust policy names no user of this account that is not there":            lax,
	"a simulation decides with the policies of groups":                          missing,
	"a simulation names the condition keys that it lacks":                       missing,
	"who is allowed nothing is told who, what and on which resource":            noChecks,
	"an explicit deny wins":                                                     noChecks,
	"a boundary limits what is granted":                                         missing,
	"an ECR grant on a repository holds for that repository alone":              noChecks,
	"an S3 grant on objects holds for objects alone":                            noChecks,
	"a missing object is hidden from who may not list":                          noChecks,
	"a bucket policy can deny who is otherwise allowed":                         "moto denies, with the code Forbidden",
	"an inactive key is refused everywhere":                                     noChecks,
	"a wrong secret does not match":                                             noChecks,
	"a session is allowed no more than its role":                                noChecks,
	"a role is not assumed by whom it does not trust":                           noChecks,
	"a role that is not there is not assumed":                                   noChecks,
	"a session token is part of the credentials":                                noChecks,
	"an image is pushed layer by layer and pulled again":                        missing,
	"an image needs its layers":                                                 lax,
	"a layer must have the digest that was announced":                           missing,
	"a tag of an immutable repository stays where it is":                        missing,
	"a repository with images is deleted by force only":                         missing,
	"a bucket of another region answers with a redirection":                     lax,
	"a bucket name follows the rules":                                           "moto takes capital letters",
	"a new bucket blocks public access":                                         noDefaults,
	"a bucket encrypts with AES256 without being asked":                         noDefaults,
	"an upload can be given up":                                                 "moto answers 500 to a part of an upload that was given up",
	"a presigned URL needs no credentials":                                      "moto does not check signatures",
}
