// Package tofu runs OpenTofu (1.6 on) or Terraform (1.5 on) on a root
// configuration, and reads the plans and states that they make.
//
// [Find] finds the tool, [Open] a root. A [Root] is initialised, validated and
// planned; what comes of a plan is a [Saved] plan, whose [Plan] can be judged
// (package guard) and which can then be applied, exactly as it was judged. A
// [State] is pulled, moved about in and pushed.
//
// The rules that the package keeps:
//
//   - Plan files and copies of states hold secrets in plain text. They are
//     written with mode 0600 into a directory of their own with mode 0700, and
//     both are removed when they have served, also after a failure. The JSON of
//     a plan never touches the disk.
//   - Values that are marked as sensitive are dropped while a plan is decoded.
//     The secret of a key in a state can be compared, and not be read.
//   - The tool gets the person's own environment, TF_VAR_, TF_CLI_ARGS and
//     TF_WORKSPACE included, but for TF_LOG and its kin: providers write
//     secrets into their logs. Nothing that may be secret becomes an argument.
//   - A context that ends interrupts the tool once, which lets it finish what
//     it has begun and write its state, and then waits for it. It is not
//     killed, however long it takes.
//   - Should slipway itself be killed, an apply under way goes on to its end:
//     it writes its events into a file, not into a pipe that would break.
//
// The last three are why the processes are started here and not by
// hashicorp/terraform-exec, which refuses TF_VAR_ and drops TF_WORKSPACE, kills
// the tool a minute after it was interrupted, and kills it at once when the
// program that started it dies.
package tofu
