terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    nullplatform = {
      source  = "nullplatform/nullplatform"
      version = "~> 0.0.88"
    }
  }
}

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

variable "naming_rule" {
  type    = string
  default = "\"\\(.namespace.slug)/\\(.application.slug)\""
}

data "aws_region" "current" {}

resource "nullplatform_provider_config" "ecr" {
  nrn  = var.nrn
  type = "ecr"
  attributes = jsonencode({
    ci = {
      region     = data.aws_region.current.region
      access_key = var.build_workflow_access_key_id
      secret_key = var.build_workflow_access_key_secret
    }
    setup = {
      region      = data.aws_region.current.region
      role_arn    = var.application_role_arn
      naming_rule = var.naming_rule
      policy      = var.repository_policy
    }
  })
}
