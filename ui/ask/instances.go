package ask

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nullplatform/slipway/provision"
)

// ParseInstances reads which instances modules have, each as MODULE=KEY,KEY.
func ParseInstances(list []string) (map[string][]string, error) {
	var out map[string][]string
	for _, text := range list {
		name, keys, ok := strings.Cut(text, "=")
		name = strings.TrimSpace(name)
		switch {
		case !ok || name == "" || len(items(keys)) == 0:
			return nil, fmt.Errorf("%s is not understood; write it as MODULE=KEY,KEY, such as ecr=dev,prod", text)
		case out[name] != nil:
			return nil, fmt.Errorf("names the module %s twice; give all its keys at once, as %[1]s=KEY,KEY", name)
		case out == nil:
			out = map[string][]string{}
		}
		out[name] = items(keys)
	}
	return out, nil
}

// AskInstances has the instances of the calls asked for: neither the root nor
// its state tells them.
func (p *Project) AskInstances(calls []string) {
	p.here()
	for _, name := range calls {
		if !slices.Contains(p.repeated, name) {
			p.repeated = append(p.repeated, name)
		}
	}
	if p.instances == nil {
		p.instances = map[string]*string{}
	}
	for _, name := range p.repeated {
		if p.instances[name] == nil {
			text := list(p.given.Instances[name])
			p.instances[name] = &text
		}
	}
}

// instancesGiven are the instances as the request has them.
func (p Project) instancesGiven() map[string][]string {
	out := maps.Clone(p.given.Instances)
	for _, name := range p.repeated {
		keys := items(*p.instances[name])
		if len(keys) == 0 {
			continue
		}
		if out == nil {
			out = map[string][]string{}
		}
		out[name] = keys
	}
	return out
}

// instanceQuestions ask for the instances of each call that nothing tells of.
func (p *Project) instanceQuestions() []Question {
	var out []Question
	for i, name := range p.repeated {
		text := p.instances[name]
		out = append(out, Question{
			Name: instancesName(i), Label: "Instances", Empty: "not named yet", Placeholder: "dev, prod", Needed: true, Solid: true, text: text,
			Hint: func() string {
				return fmt.Sprintf("The keys that module %s has, all of them, separated by commas; with count 0, 1 and so on.", name)
			},
			problems: func() []provision.Problem {
				if len(items(*text)) == 0 {
					return []provision.Problem{{Field: "instances", Rule: "of module " + name + " are not named", Way: "write its keys, separated by commas"}}
				}
				return nil
			},
		})
	}
	return out
}

// InstancesQuestion is the name of the first question about instances.
const InstancesQuestion = "instances"

func instancesName(i int) string {
	if i == 0 {
		return InstancesQuestion
	}
	return fmt.Sprintf("%s_%d", InstancesQuestion, i+1)
}
