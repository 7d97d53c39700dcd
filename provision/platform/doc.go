// Package platform is the nullplatform API, as far as a publishing identity
// needs it: what is registered there, what should be, and the few calls that
// close the difference.
//
// Three rules hold here. An attribute that reads back as null is unknown, not
// missing: nullplatform does not give secrets out again. What was read is
// never written: a [Configuration] holds texts to compare and to show, and the
// body of a write is built from a [Wanted] alone, so that no null can take the
// place of a secret. (Taking an update back writes the texts that were there
// before, and nothing for what could not be read.) And a create whose answer was lost is not repeated; what
// came of it is looked up.
//
// The API: https://docs.nullplatform.com/docs/api. A provider configuration
// ("/provider") is what nullplatform calls the settings that it has for one
// provider, such as ECR, at one place of an organisation.
package platform
