# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "account_id" {
  type = string
}

variable "display_name" {
  type = string
}

variable "secrets" {
  description = "Ids of the secrets that it may read, by name."
  type        = map(string)
  default     = {}
}

variable "project_roles" {
  description = "Roles that cannot be given on anything smaller than the project."
  type        = set(string)
  default     = []
}
