package tofu

// DecodeWithin is DecodePlan with a limit that a test can reach.
var DecodeWithin = decodeWithin
