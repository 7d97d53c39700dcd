package view

// NextStep is one thing to do after an install.
type NextStep struct {
	// Text says what to do.
	Text string `json:"text"`
	// Command is the command line that does it; empty when there is none.
	Command string `json:"command"`
}

// Next lists what to do now, in order.
func (s InstallSummary) Next() []NextStep {
	again := ""
	if s.Answers != "" {
		again = command([]string{"slipway", "install", "--answers", s.Answers})
	}
	switch s.Status() {
	case StatusStopped, StatusFailed:
		const how = "It reads the account first and does only what is left"
		if again != "" {
			return []NextStep{{"Run it again. " + how + ":", again}}
		}
		return []NextStep{{Text: "Run the same command again. " + how + "."}}
	case StatusDone, StatusNothingToDo:
	}
	var out []NextStep
	say := func(text string) { out = append(out, NextStep{Text: text}) }
	if s.Sandbox {
		say("This was the sandbox. Run the same without --sandbox to do it in an account.")
	}
	for _, r := range s.registrations() {
		say(r)
	}
	say(s.signIn())
	if again != "" {
		out = append(out, NextStep{"To repeat this, here or elsewhere:", again})
	}
	return out
}

// registrations say what nullplatform has to be told, in the words of its
// modules asset/ecr and asset/s3.
func (s InstallSummary) registrations() []string {
	b := s.Preview.Plan.Blueprint
	unless := "."
	if s.Status() == StatusNothingToDo {
		unless = ", unless that is done already."
	}
	var out []string
	if b.Role != nil && s.Registered["ecr"] == "" {
		with := "the application role's ARN, the access key and its secret"
		if b.RepositoryPolicy != "" {
			with += ", and the repository policy"
		}
		out = append(out, "Register ECR with nullplatform (module asset/ecr): "+with+unless)
	}
	if bucket := b.Spec.Bucket(); bucket != "" && s.Registered["s3-configuration"] == "" {
		out = append(out, "Register S3 with nullplatform (module asset/s3): bucket "+bucket+unless)
	}
	return out
}

// signIn says how CI gets the key. Only the registration of ECR carries it.
func (s InstallSummary) signIn() string {
	b := s.Preview.Plan.Blueprint
	names := "BUILD_AWS_ACCESS_KEY, BUILD_AWS_SECRET_ACCESS_KEY and BUILD_AWS_REGION=" + b.Place.Region
	if b.Role == nil {
		return "Give CI the key as " + names + ": the registration of a bucket carries no credentials."
	}
	return "CI signs in with " + names + ". nullplatform gives them to each build; set them yourself only where it does not."
}
