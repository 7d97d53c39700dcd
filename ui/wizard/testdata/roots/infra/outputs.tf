output "build_key_id" {
  value = module.ecr.build_workflow_access_key_id
}

output "build_key_secret" {
  value     = module.ecr.build_workflow_access_key_secret
  sensitive = true
}
