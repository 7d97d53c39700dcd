// Package platform is the sandbox's nullplatform API: tokens, provider
// specifications and provider configurations of one organisation.
//
// It keeps to the shapes that nullplatform's own Terraform provider relies on:
// 200 and the whole object on a create, 404 for what was deleted, the errors
// of Fastify (statusCode, code, error, message), 400 for an empty body that
// claims to be JSON, lists with paging, secrets that read back as null. Where
// the real API is not documented it takes the harsher of the possible ways: an
// update replaces all attributes, so that a null written back is a secret lost.
package platform
