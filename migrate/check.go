package migrate

// Verdict is what a check says.
type Verdict string

// The verdicts. Unknown and NotRun are neither yes nor no.
const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
	Unknown Verdict = "unknown"
	NotRun  Verdict = "not-run"
)

// Check is one thing that was looked at.
type Check struct {
	// ID is the same from run to run; one thing may be found more than once.
	ID string `json:"id"`
	// Title is what should be so, as a sentence.
	Title   string  `json:"title"`
	Verdict Verdict `json:"verdict"`
	// Found is what was found, or why nothing was.
	Found string `json:"found"`
	// Way is what to do about it; empty when there is nothing to do.
	Way string `json:"way,omitempty"`
}

func passes(id, title, found string) Check { return Check{id, title, Pass, found, ""} }

func fails(id, title, found, way string) Check { return Check{id, title, Fail, found, way} }

func leftOpen(id, title, found, way string) Check { return Check{id, title, Unknown, found, way} }

func notRun(id, title, why, way string) Check { return Check{id, title, NotRun, why, way} }
