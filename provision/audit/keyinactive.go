package audit

func keyInactive() Check {
	const id = "key-inactive"
	return Check{
		ID: id, Kind: KeyKind, Severity: Low,
		Title:     "No inactive key is left",
		Rationale: "A user has room for two keys. An inactive one stands in the way of the next rotation, and can be made active again.",
		run: func(c *scene) outcome {
			keys, out, ok := c.keysOf()
			if !ok {
				return out
			}
			for _, k := range keys {
				if k.Active {
					continue
				}
				out.findings = append(out.findings, finding(id, Low, keyEntity(k), "",
					"Key "+k.ID+" is inactive and still there", "It opens nothing as it is.").
					seen(listing(k)).fix(Remedy{
					Text:     "Delete it, if nobody means to make it active again.",
					Fix:      [][]string{iamCommand("delete-access-key", "--user-name", c.names.user, "--access-key-id", k.ID)},
					UndoText: "There is none: a deleted key does not come back.",
				}))
			}
			return out
		},
	}
}
