package policy

// truth is Kleene's three-valued logic: and is min, or is max.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

// truthOf lifts a boolean.
func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// not swaps yes and no and leaves unknown.
func (t truth) not() truth { return yes - t }
