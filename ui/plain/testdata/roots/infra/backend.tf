terraform {
  backend "s3" {
    bucket = "example-state"
    key    = "iam/terraform.tfstate"
    region = "us-east-1"
  }
}
