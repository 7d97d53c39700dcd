package audit

import "github.com/nullplatform/slipway/provision"

func loginProfile() Check {
	const id = "login-profile"
	return Check{
		ID: id, Kind: IdentityKind, Severity: High,
		Title:      "The build user has no console password",
		Rationale:  "A machine signs in with its key. A password is a second way in, which nobody watches.",
		References: refs(prowler, "iam_user_console_access_unused"),
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			if gaps := c.gaps("user/"+c.names.user, "iam:GetLoginProfile"); len(gaps) > 0 {
				return unread(gaps...)
			}
			l := c.Survey.Login
			if l == nil {
				return passed()
			}
			text := "A person who knows it can do in the console what CI can do"
			if len(c.Survey.MFA) == 0 {
				text += ", and no second factor is asked for"
			}
			return passed(finding(id, High, entity(provision.UserEntity, c.names.user), "",
				"The build user can sign in to the console with a password", text+".").
				seen(Evidence{Read: "iam:GetLoginProfile", Text: "password since " + l.Created.UTC().Format(dateLayout)}).
				fix(Remedy{
					Text:     "Delete the password. The access key, and with it CI, goes on working.",
					Fix:      [][]string{iamCommand("delete-login-profile", "--user-name", c.names.user)},
					UndoText: "There is none: a new password would have to be set.",
				}))
		},
	}
}

func loginMFA() Check {
	return Check{
		ID: "login-mfa", Kind: IdentityKind, Severity: High,
		Title:     "Signing in with a password asks for a second factor",
		Rationale: "A password alone is guessed, reused and phished.",
		References: refs(cis3, "1.10", cis5, "1.9", securityHub, "IAM.5", securityHub, "IAM.19",
			prowler, "iam_user_mfa_enabled_console_access"),
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			if gaps := c.gaps("user/"+c.names.user, "iam:GetLoginProfile", "iam:ListMFADevices"); len(gaps) > 0 {
				return unread(gaps...)
			}
			switch {
			case c.Survey.Login == nil:
				return nothing()
			case len(c.Survey.MFA) == 0:
				// Without the password there is nothing to guard.
				return outcome{looked: true, covered: "login-profile/" + entity(provision.UserEntity, c.names.user).String()}
			}
			return passed()
		},
	}
}

func deviceLeftover() Check {
	const id = "mfa-leftover"
	return Check{
		ID: id, Kind: IdentityKind, Severity: Advice,
		Title:     "The build user has no MFA device without a password",
		Rationale: "A device that nothing asks for is left over from a time when somebody signed in as CI; the user cannot be deleted while it is there.",
		run: func(c *scene) outcome {
			if c.inv.User == nil {
				return nothing()
			}
			if gaps := c.gaps("user/"+c.names.user, "iam:GetLoginProfile", "iam:ListMFADevices"); len(gaps) > 0 {
				return unread(gaps...)
			}
			out := passed()
			if c.Survey.Login != nil {
				return out
			}
			for _, serial := range c.Survey.MFA {
				out.findings = append(out.findings, finding(id, Advice, entity(provision.UserEntity, c.names.user), serial,
					"An MFA device is left on the build user", "It cannot sign in with a password, so nothing asks for the device.").
					seen(Evidence{Read: "iam:ListMFADevices", Text: serial}).
					fix(Remedy{
						Text:     "Deactivate the device, if no policy asks for it.",
						Fix:      [][]string{iamCommand("deactivate-mfa-device", "--user-name", c.names.user, "--serial-number", serial)},
						UndoText: "Enable it again, with two codes of the device.",
					}))
			}
			return out
		},
	}
}
