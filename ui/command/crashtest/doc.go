// Package crashtest puts slipway through what ends or disturbs a run, and
// looks at what is left. It is for tests of any job, and holds those of the
// jobs that there are.
//
// A [World] is one emulated account with other people's things in it, and the
// [Machine]s from which it is worked on. A machine runs the real program as a
// process of its own, so that it can be killed, or in the test's process,
// which is quicker. A [Job] is a command line and what must hold when it is
// through. A [Point] is a moment at which a process is killed: before or after
// one call of one run, or before or after one write to the disk.
//
// What is there afterwards is read from the emulated account's own books and
// with the SDK, never with slipway's reader.
package crashtest
