# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project_id" {
  type = string
}

variable "name" {
  type = string
}

variable "billing_account" {
  type = string
}

variable "folder_id" {
  type    = string
  default = null
}

variable "org_id" {
  type    = string
  default = null
}

variable "services" {
  description = "APIs that are switched on."
  type        = set(string)
}

variable "labels" {
  type    = map(string)
  default = {}
}
