// Package ask is what install asks of a person, in whatever form it is asked.
//
// The wizard asks on screens and package plain in lines. What both need is
// here and in neither of them: the questions with their hints and what is wrong
// with an answer, the request that the answers make, what has to be confirmed
// and how, errors in the order in which a person asks about them, and what a
// run came to. Nothing here draws, reads keys or decides about an account.
package ask
