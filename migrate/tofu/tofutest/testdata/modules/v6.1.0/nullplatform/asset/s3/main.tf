terraform {
  required_providers {
    nullplatform = {
      source  = "nullplatform/nullplatform"
      version = "~> 0.0.88"
    }
  }
}

variable "nrn" {
  type = string
}

variable "bucket_name" {
  type = string
}

resource "nullplatform_provider_config" "s3" {
  nrn  = var.nrn
  type = "s3-configuration"
  attributes = jsonencode({
    bucket = { name = var.bucket_name }
  })
}
