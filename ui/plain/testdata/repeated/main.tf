module "ecr" {
  source   = "git::https://github.com/nullplatform/tofu-modules.git//infrastructure/aws/iam/ecr?ref=v4.2.0"
  for_each = toset(split(",", file("${path.module}/clusters.txt")))

  cluster_name = each.key
}
