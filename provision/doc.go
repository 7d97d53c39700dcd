// Package provision is the publishing identity as data: what should exist,
// what does exist, and how to close the difference.
//
// A [Spec] holds the user's choices: cluster, destinations, contract, options.
// [NewBlueprint] turns it into the entities that the modules of that contract
// would make, name for name and document for document. An [Inventory] holds
// the entities that are there, as read live by package account. [NewPlan]
// compares the two and gives an ordered list of [Change] values; each change
// carries the very [Call] values that will be sent, and those that undo it.
// [Inventory.Apply] says what a call does to an inventory, so that a plan can
// be carried out on paper before it is carried out anywhere else.
//
// Everything here is pure: no clock, no network, no file. Reading and changing
// a real account is the business of package account.
package provision
