# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Give them in terraform.tfvars or as TF_VAR_NAME.

variable "billing_account" {
  description = "Account that pays for the project, as `gcloud billing accounts list` prints it."
  type        = string
}

variable "folder_id" {
  description = "Folder in which the project stands."
  type        = string
  default     = null
}

variable "org_id" {
  description = "Organisation in which the project stands, where it has no folder."
  type        = string
  default     = null
}

variable "release" {
  description = "Tag of the images that a service is first made with: a commit. Releases move it from then on."
  type        = string
}

variable "github_repository" {
  description = "Repository whose workflows may release here, as owner/name."
  type        = string
  default     = "skillforge/platform"
}
