package wire

import (
	"net/url"
)

// DecodeQuery reads action and parameters of a Query call from the form in the
// body and from the URL. A missing action is MissingAction, another API
// version InvalidAction.
func DecodeQuery(c *Call, version string) error {
	values, err := url.ParseQuery(string(c.Body))
	if err != nil {
		return Errorf("MalformedQueryString", "The query string contains a syntax error.")
	}
	for name, value := range c.Request.URL.Query() {
		values[name] = append(values[name], value...)
	}
	c.Action = values.Get("Action")
	if c.Action == "" {
		return Errorf("MissingAction", "The request must contain the parameter Action.")
	}
	if v := values.Get("Version"); v != "" && v != version {
		return Errorf("InvalidAction", "Could not find operation %s for version %s", c.Action, v)
	}
	delete(values, "Action")
	delete(values, "Version")
	c.Params = ParamsOf(values)
	return nil
}
