# The registration with nullplatform since contract 3.4: what it takes, without
# the provider that it talks to.

variable "nrn" {
  type = string
}

variable "application_role_arn" {
  type = string
}

variable "build_workflow_access_key_id" {
  type = string
}

variable "build_workflow_access_key_secret" {
  type      = string
  sensitive = true
}

variable "repository_policy" {
  type    = string
  default = ""
}

resource "terraform_data" "registration" {
  input = {
    nrn      = var.nrn
    role_arn = var.application_role_arn
    key_id   = var.build_workflow_access_key_id
  }
}
