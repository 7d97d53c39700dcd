// Package audit judges what was read of an account: who can publish assets,
// with which keys, to where, by which grant; how that differs from what it
// should be; and what to do about it.
//
// It is pure: a [Subject] goes in, a [Report] comes out, and the same subject
// gives the same report. The rules it keeps:
//
//   - Baseline first. What the closest contract calls for is never a finding,
//     whatever a general rule would say of it.
//   - Effective access counts. A Deny, a condition and a boundary are honoured,
//     and a grant that none of them leaves anything of is no grant.
//   - One cause, one finding. Where several checks see the same statement, the
//     gravest speaks, and the others say that it does.
//   - Unknown is not fine. A check that could not be made says which read is
//     missing; it never passes, and never counts as absent.
//   - Every finding says where it was seen, what to do, and how to take that
//     back.
package audit
