# The identity with which CI publishes.
module "ecr" {
  source = "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=v4.3.0"

  cluster_name = "demo" # as everywhere
}
