package iam

import (
	"github.com/nullplatform/slipway/provision/sandbox/directory"
)

// operation is one action of the API.
type operation struct {
	on  func(q *query) []string     // the ARNs on which permission is needed
	run func(q *query) (any, error) // nil for an answer without a result
}

// operations are the actions that the sandbox knows.
var operations = map[string]operation{
	"CreateUser":                     {onUser, (*query).createUser},
	"GetUser":                        {onUser, (*query).getUser},
	"ListUsers":                      {onAll("user"), (*query).listUsers},
	"UpdateUser":                     {onUserAndNewName, (*query).updateUser},
	"DeleteUser":                     {onUser, (*query).deleteUser},
	"TagUser":                        {onUser, (*query).tagUser},
	"UntagUser":                      {onUser, (*query).untagUser},
	"ListUserTags":                   {onUser, (*query).listUserTags},
	"PutUserPermissionsBoundary":     {onUser, putBoundary(directory.Users)},
	"DeleteUserPermissionsBoundary":  {onUser, deleteBoundary(directory.Users)},
	"CreateLoginProfile":             {onUser, (*query).createLoginProfile},
	"GetLoginProfile":                {onUser, (*query).getLoginProfile},
	"DeleteLoginProfile":             {onUser, (*query).deleteLoginProfile},
	"ListMFADevices":                 {onUser, (*query).listMFADevices},
	"ListSigningCertificates":        {onUser, emptyOfUser("Certificates")},
	"ListSSHPublicKeys":              {onUser, emptyOfUser("SSHPublicKeys")},
	"ListServiceSpecificCredentials": {onUser, emptyOfUser("ServiceSpecificCredentials")},
	"ListVirtualMFADevices":          {onAll("mfa"), (*query).listVirtualMFADevices},
	"CreateVirtualMFADevice":         {onNewDevice, (*query).createVirtualMFADevice},
	"DeleteVirtualMFADevice":         {onDevice, (*query).deleteVirtualMFADevice},
	"EnableMFADevice":                {onUser, (*query).enableMFADevice},
	"DeactivateMFADevice":            {onUser, (*query).deactivateMFADevice},

	"CreateAccessKey":      {onUser, (*query).createAccessKey},
	"ListAccessKeys":       {onUser, (*query).listAccessKeys},
	"UpdateAccessKey":      {onUser, (*query).updateAccessKey},
	"DeleteAccessKey":      {onUser, (*query).deleteAccessKey},
	"GetAccessKeyLastUsed": {onKeyOwner, (*query).getAccessKeyLastUsed},

	"CreateGroup":         {onGroup, (*query).createGroup},
	"GetGroup":            {onGroup, (*query).getGroup},
	"ListGroups":          {onAll("group"), (*query).listGroups},
	"UpdateGroup":         {onGroupAndNewName, (*query).updateGroup},
	"DeleteGroup":         {onGroup, (*query).deleteGroup},
	"AddUserToGroup":      {onGroup, (*query).addUserToGroup},
	"RemoveUserFromGroup": {onGroup, (*query).removeUserFromGroup},
	"ListGroupsForUser":   {onUser, (*query).listGroupsForUser},

	"CreateRole":                    {onRole, (*query).createRole},
	"GetRole":                       {onRole, (*query).getRole},
	"ListRoles":                     {onAll("role"), (*query).listRoles},
	"UpdateRole":                    {onRole, (*query).updateRole},
	"UpdateRoleDescription":         {onRole, (*query).updateRoleDescription},
	"UpdateAssumeRolePolicy":        {onRole, (*query).updateAssumeRolePolicy},
	"DeleteRole":                    {onRole, (*query).deleteRole},
	"TagRole":                       {onRole, (*query).tagRole},
	"UntagRole":                     {onRole, (*query).untagRole},
	"ListRoleTags":                  {onRole, (*query).listRoleTags},
	"PutRolePermissionsBoundary":    {onRole, putBoundary(directory.Roles)},
	"DeleteRolePermissionsBoundary": {onRole, deleteBoundary(directory.Roles)},
	"ListInstanceProfilesForRole":   {onRole, (*query).listInstanceProfilesForRole},

	"CreatePolicy":            {onNewPolicy, (*query).createPolicy},
	"GetPolicy":               {onPolicy, (*query).getPolicy},
	"ListPolicies":            {onAll("policy"), (*query).listPolicies},
	"DeletePolicy":            {onPolicy, (*query).deletePolicy},
	"CreatePolicyVersion":     {onPolicy, (*query).createPolicyVersion},
	"GetPolicyVersion":        {onPolicy, (*query).getPolicyVersion},
	"ListPolicyVersions":      {onPolicy, (*query).listPolicyVersions},
	"DeletePolicyVersion":     {onPolicy, (*query).deletePolicyVersion},
	"SetDefaultPolicyVersion": {onPolicy, (*query).setDefaultPolicyVersion},
	"ListEntitiesForPolicy":   {onPolicy, (*query).listEntitiesForPolicy},
	"TagPolicy":               {onPolicy, (*query).tagPolicy},
	"UntagPolicy":             {onPolicy, (*query).untagPolicy},
	"ListPolicyTags":          {onPolicy, (*query).listPolicyTags},

	"AttachUserPolicy":          {onUser, attach(directory.Users)},
	"AttachGroupPolicy":         {onGroup, attach(directory.Groups)},
	"AttachRolePolicy":          {onRole, attach(directory.Roles)},
	"DetachUserPolicy":          {onUser, detach(directory.Users)},
	"DetachGroupPolicy":         {onGroup, detach(directory.Groups)},
	"DetachRolePolicy":          {onRole, detach(directory.Roles)},
	"ListAttachedUserPolicies":  {onUser, listAttached(directory.Users)},
	"ListAttachedGroupPolicies": {onGroup, listAttached(directory.Groups)},
	"ListAttachedRolePolicies":  {onRole, listAttached(directory.Roles)},

	"PutUserPolicy":     {onUser, putInline(directory.Users)},
	"PutGroupPolicy":    {onGroup, putInline(directory.Groups)},
	"PutRolePolicy":     {onRole, putInline(directory.Roles)},
	"GetUserPolicy":     {onUser, getInline(directory.Users)},
	"GetGroupPolicy":    {onGroup, getInline(directory.Groups)},
	"GetRolePolicy":     {onRole, getInline(directory.Roles)},
	"DeleteUserPolicy":  {onUser, deleteInline(directory.Users)},
	"DeleteGroupPolicy": {onGroup, deleteInline(directory.Groups)},
	"DeleteRolePolicy":  {onRole, deleteInline(directory.Roles)},
	"ListUserPolicies":  {onUser, listInline(directory.Users)},
	"ListGroupPolicies": {onGroup, listInline(directory.Groups)},
	"ListRolePolicies":  {onRole, listInline(directory.Roles)},

	"GetAccountSummary":              {onEverything, (*query).getAccountSummary},
	"GetAccountAuthorizationDetails": {onEverything, (*query).getAccountAuthorizationDetails},
	"ListAccountAliases":             {onEverything, listAccountAliases},
	"SimulatePrincipalPolicy":        {onSimulated, (*query).simulatePrincipalPolicy},
	"SimulateCustomPolicy":           {onEverything, (*query).simulateCustomPolicy},
}
