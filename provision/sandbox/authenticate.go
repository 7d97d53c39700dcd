package sandbox

import (
	"errors"
	"time"

	"github.com/nullplatform/slipway/provision/sandbox/signature"
	"github.com/nullplatform/slipway/provision/sandbox/wire"
)

// How far the time of a signature may be off.
const (
	skew   = 5 * time.Minute
	s3Skew = 15 * time.Minute
)

// authenticate verifies the signature and fills in the caller and the body
// without its framing.
func (s *Sandbox) authenticate(c *wire.Call, sig *signature.Signature) error {
	if sig.Service == "s3" && sig.Query {
		if c.Now.After(sig.At.Add(sig.Expires)) {
			return wire.Errorf("AccessDenied", "Request has expired")
		}
	} else if err := checkTime(c, sig); err != nil {
		return err
	}
	secret, caller, err := s.credentials(c, sig)
	if err != nil {
		return err
	}
	body, err := sig.Verify(c.Request, c.Body, secret)
	switch {
	case errors.Is(err, signature.ErrPayload):
		return wire.Errorf("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	case err != nil:
		return mismatch(c.Service)
	}
	c.Body, c.Caller = body, caller
	return nil
}

// checkTime refuses a signature from another time.
func checkTime(c *wire.Call, sig *signature.Signature) error {
	most := skew
	if c.Service == "s3" {
		most = s3Skew
	}
	const form = "20060102T150405Z"
	switch {
	case c.Service == "s3" && c.Now.Sub(sig.At).Abs() > most:
		return wire.Errorf("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
	case c.Now.Sub(sig.At) > most:
		return wire.Errorf("SignatureDoesNotMatch", "Signature expired: %s is now earlier than %s (%s - 5 min.)", sig.At.Format(form), c.Now.Add(-most).UTC().Format(form), c.Now.UTC().Format(form))
	case sig.At.Sub(c.Now) > most:
		return wire.Errorf("SignatureDoesNotMatch", "Signature not yet current: %s is still later than %s (%s + 5 min.)", sig.At.Format(form), c.Now.Add(most).UTC().Format(form), c.Now.UTC().Format(form))
	}
	return nil
}

// credentials finds the secret and the principal behind an access key. Keys
// are looked up on a replica: a key just made is not known everywhere at once.
func (s *Sandbox) credentials(c *wire.Call, sig *signature.Signature) (string, *wire.Caller, error) {
	if session, ok := s.sessions.Find(sig.KeyID); ok {
		switch {
		case session.Token.Reveal() != sig.Token:
			return "", nil, unknownKey(c.Service)
		case c.Now.After(session.Expires):
			return "", nil, expired(c.Service)
		}
		caller := session.Caller
		return session.Secret.Reveal(), &caller, nil
	}
	view := s.store.View()
	k, err := view.Key(sig.KeyID)
	if err != nil || !k.Active || sig.Token != "" {
		return "", nil, unknownKey(c.Service)
	}
	u, err := view.KeyOwner(k)
	if err != nil {
		return "", nil, unknownKey(c.Service)
	}
	return k.Secret.Reveal(), &wire.Caller{
		ARN: u.ARN, Account: account, UserID: u.ID, User: u.Name, KeyID: k.ID,
	}, nil
}

// unknownKey is the answer to a key that is missing or inactive: AWS does not
// tell which.
func unknownKey(service string) error {
	switch service {
	case "s3":
		return wire.Errorf("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
	case "ecr":
		return wire.Errorf("UnrecognizedClientException", "The security token included in the request is invalid.")
	default:
		return wire.Errorf("InvalidClientTokenId", "The security token included in the request is invalid.")
	}
}

func expired(service string) error {
	if service == "ecr" {
		return wire.Errorf("ExpiredTokenException", "The security token included in the request is expired")
	}
	return wire.Errorf("ExpiredToken", "The security token included in the request is expired")
}

func mismatch(service string) error {
	if service == "ecr" {
		return wire.Errorf("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.")
	}
	return wire.Errorf("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

// unsigned is the answer to a request without a usable signature.
func unsigned(c *wire.Call, err error) error {
	service := c.Service
	switch {
	case service == "s3" && c.Request.URL.Query().Has("AWSAccessKeyId"):
		return wire.Errorf("InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
	case service == "s3":
		return wire.Errorf("AccessDenied", "Access Denied")
	case errors.Is(err, signature.ErrMissing) && service == "ecr":
		return wire.Errorf("MissingAuthenticationTokenException", "Missing Authentication Token")
	case errors.Is(err, signature.ErrMissing):
		return wire.Errorf("MissingAuthenticationToken", "Request is missing Authentication Token")
	default:
		return wire.Errorf("IncompleteSignature", "The request signature does not conform to AWS standards: %s", err)
	}
}
