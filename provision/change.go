package provision

// Mark says what a change does to its entity.
type Mark string

// The marks, as they are drawn: a plus, a tilde, a minus.
const (
	Add    Mark = "add"
	Update Mark = "update"
	Remove Mark = "remove"
)

// EntityType says what sort of thing an entity is.
type EntityType string

// The types of entities that changes are about.
const (
	UserEntity       EntityType = "user"
	KeyEntity        EntityType = "access key"
	GroupEntity      EntityType = "group"
	MembershipEntity EntityType = "membership"
	PolicyEntity     EntityType = "policy"
	AttachmentEntity EntityType = "attachment"
	RoleEntity       EntityType = "role"
	BucketEntity     EntityType = "bucket"
	// RegistrationEntity is nullplatform's, and no change is about it.
	RegistrationEntity EntityType = "registration"
)

// Entity names one thing in the account.
type Entity struct {
	Type EntityType `json:"type"`
	Name string     `json:"name"`
	// To is what an attachment or membership hangs on.
	To string `json:"to,omitempty"`
	// ToType is the type of To.
	ToType EntityType `json:"to_type,omitempty"`
}

// String is type and name in words.
func (e Entity) String() string {
	s := string(e.Type) + " " + e.Name
	if e.To != "" {
		s += " to " + string(e.ToType) + " " + e.To
	}
	return s
}

// Change is one step from inventory to blueprint.
type Change struct {
	// ID is unique within a plan and the same for the same change of the
	// same cluster.
	ID     string `json:"id"`
	Mark   Mark   `json:"mark"`
	Entity Entity `json:"entity"`
	// Title says what is done, in the imperative.
	Title string `json:"title"`
	// Why says what it is good for.
	Why string `json:"why"`
	// Before and After are the text that changes, such as a document; one of
	// them is empty when there is nothing on that side.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Calls are sent in this order.
	Calls []Call `json:"calls"`
	// Undo are the calls that take the change back, in this order. A value
	// that only the change itself brings to light, such as the ID of a new
	// key, is left open in them.
	Undo []Call `json:"undo"`
	// Needs are the IDs of the changes that must be done before this one.
	Needs []string `json:"needs,omitempty"`
}

// MakesKey reports whether the change brings a secret into the world.
func (c Change) MakesKey() bool {
	return c.Entity.Type == KeyEntity && c.Mark == Add
}

// Links reports whether the change lets a grant take effect: a membership or
// an attachment. These are what readers must agree on before a key is made.
func (c Change) Links() bool {
	return c.Mark == Add && (c.Entity.Type == MembershipEntity || c.Entity.Type == AttachmentEntity)
}

// Note is something found that is left as it is.
type Note struct {
	Entity Entity `json:"entity"`
	Text   string `json:"text"`
}
