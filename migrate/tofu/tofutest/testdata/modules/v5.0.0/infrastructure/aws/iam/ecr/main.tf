terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "cluster_name" {
  type = string
}

variable "application_manager_assume_role" {
  type    = string
  default = "arn:aws:iam::283477532906:role/application_manager"
}

variable "enable_cross_account_pull" {
  type    = bool
  default = false
}

variable "pull_account_ids" {
  type    = list(string)
  default = []
}

resource "terraform_data" "validations" {
  lifecycle {
    precondition {
      condition     = !var.enable_cross_account_pull || length(var.pull_account_ids) > 0
      error_message = "pull_account_ids must name an account when enable_cross_account_pull is true."
    }
  }
}

resource "aws_iam_role" "nullplatform_application_role" {
  name = "nullplatform-${var.cluster_name}-application-role"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.application_manager_assume_role }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_policy" "nullplatform_ecr_manager_policy" {
  name        = "nullplatform-${var.cluster_name}-ecr-manager-policy"
  description = "Policy for managing ECR repositories with restricted access"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "ecr:GetDownloadUrlForLayer",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:UploadLayerPart",
          "ecr:InitiateLayerUpload",
          "ecr:BatchCheckLayerAvailability",
          "ecr:PutImage",
          "ecr:CreateRepository",
          "ecr:DeleteRepository",
          "ecr:DescribeRepositories",
          "ecr:TagResource",
          "ecr:SetRepositoryPolicy",
        ]
        Resource = ["arn:aws:ecr:*:*:repository/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["sts:GetServiceBearerToken", "ecr:GetAuthorizationToken"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "ecr_manager_policy" {
  role       = aws_iam_role.nullplatform_application_role.name
  policy_arn = aws_iam_policy.nullplatform_ecr_manager_policy.arn
}

variable "build_workflow_group_name" {
  type = string
}

resource "aws_iam_group_policy_attachment" "ecr_manager_policy_group" {
  group      = var.build_workflow_group_name
  policy_arn = aws_iam_policy.nullplatform_ecr_manager_policy.arn
}

output "application_role_arn" {
  value = aws_iam_role.nullplatform_application_role.arn
}

output "ecr_repository_policy" {
  value = !var.enable_cross_account_pull ? "" : jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "CrossAccountPull"
      Effect    = "Allow"
      Principal = { AWS = [for id in var.pull_account_ids : "arn:aws:iam::${id}:root"] }
      Action    = ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability"]
    }]
  })
}
