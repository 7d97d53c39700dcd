package layout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Which instances a call has that is repeated with count or for_each, and of
// which clusters they are.

// checkInstances settles the instances of the calls that an upgrade sets: by the
// configuration, by the state, by what a person says.
func (f *finder) checkInstances() {
	f.unasked()
	for _, id := range f.out.Identities {
		for _, c := range id.grants() {
			given := f.instancesGiven(c)
			var held []string
			if c == id.Owner {
				for _, h := range id.Holdings {
					held = append(held, h.Instance)
				}
			}
			switch {
			case c.Repeat.Known:
				f.contradicted(c, given, c.Repeat.Keys, "the configuration")
			case len(held) > 0:
				f.contradicted(c, given, held, "the state")
				c.Repeat.Keys, c.Repeat.Known = held, true
			case len(given) > 0:
				c.Repeat.Keys, c.Repeat.Known = given, true
			case c == id.Owner:
				f.ask(UnknownInstances, c.Position,
					fmt.Sprintf("module %q is repeated over %s, which the configuration alone does not tell", c.Name, oneLine(c.Repeat.Expression)),
					fmt.Sprintf("give the variables with --var-file, or slipway access to the state, or name the instance keys with --instances %s=KEY,KEY", c.Name))
			}
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// unasked refuses instances of what is not repeated.
func (f *finder) unasked() {
	for name := range f.in.Answers.Instances {
		switch c := f.out.Call(name); {
		case c == nil:
			f.refuse(UnknownInstances, f.here(), fmt.Sprintf("instances of module %q are given, and it is no call of this root that slipway knows", name), "leave them out, or name the call as it stands in the root")
		case c.Repeat.Mode == "":
			f.refuse(UnknownInstances, c.Position, fmt.Sprintf("instances of module %q are given, and it has neither count nor for_each", name), "leave them out")
		}
	}
}

// instancesGiven are the keys that a person has named, for the call or for one
// that is repeated over the same, as they stand in an address.
func (f *finder) instancesGiven(c *Call) []string {
	if c.Repeat.Mode == "" {
		return nil
	}
	named := f.in.Answers.Instances[c.Name]
	for _, other := range f.out.Calls {
		same := other.Repeat.Mode == c.Repeat.Mode && oneLine(other.Repeat.Expression) == oneLine(c.Repeat.Expression)
		if len(named) == 0 && same {
			named = f.in.Answers.Instances[other.Name]
		}
	}
	var out []string
	for i, key := range named {
		address := StringKey(key)
		if c.Repeat.Mode == "count" {
			address = fmt.Sprintf("[%d]", i)
			if n, err := strconv.Atoi(key); err != nil || n != i {
				f.refuse(UnknownInstances, c.Position, fmt.Sprintf("%q is given as an instance of module %q, and count makes 0, 1, 2, without a gap", key, c.Name), "name all of them, in that order")
				return nil
			}
		}
		if key == "" || slices.Contains(out, address) {
			f.refuse(UnknownInstances, c.Position, fmt.Sprintf("the instance %q of module %q is empty or named twice", key, c.Name), "name each once")
			return nil
		}
		out = append(out, address)
	}
	return out
}

// contradicted refuses what a person has named where something else is known.
func (f *finder) contradicted(c *Call, given, known []string, by string) {
	a, b := slices.Sorted(slices.Values(given)), slices.Sorted(slices.Values(known))
	if len(given) == 0 || slices.Equal(a, b) {
		return
	}
	f.refuse(UnknownInstances, c.Position,
		fmt.Sprintf("the instances of module %q were given as %s, and by %s they are %s", c.Name, strings.Join(a, ", "), by, strings.Join(b, ", ")),
		"leave them out")
}

// clustersOf finds of which clusters the instances of a repeated owner are,
// where the state does not tell.
func (f *finder) clustersOf(id *Identity) {
	c := id.Owner
	if len(id.Holdings) > 0 || !c.Repeat.Known {
		return
	}
	for _, key := range c.Repeat.Keys {
		block := f.blocks[c.Name]
		is := f.cluster(block.block, block.file, f.instance(c, key))
		switch {
		case is.Known:
		case len(c.Repeat.Keys) == 1 && f.in.Answers.Cluster != "":
			is.Value = f.in.Answers.Cluster
		case len(c.Repeat.Keys) == 1:
			f.ask(UnknownCluster, c.Position,
				fmt.Sprintf("the cluster's name is %s, which the configuration alone does not tell", orNothing(is.Expression)),
				"give it with --cluster, as it is in nullplatform-CLUSTER-build-workflow-user")
			return
		default:
			f.refuse(UnknownCluster, c.Position,
				fmt.Sprintf("the cluster's name of module %q is %s, which the configuration alone does not tell for the instance %s", c.Name+key, is.Expression, key),
				"give the variables with --var-file, or slipway access to the state")
			return
		}
		// Names that are taken twice AWS has refused long ago.
		if !slices.Contains(id.Clusters, is.Value) {
			id.Clusters = append(id.Clusters, is.Value)
		}
	}
}
