# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "repository" {
  description = "`owner/name` on GitHub."
  type        = string
}

variable "ref_condition" {
  description = "Which of its branches or tags may release here, in Google's expression language."
  type        = string
}

variable "runs_as" {
  description = "Names of the accounts that services run as."
  type        = map(string)
  default     = {}
}

variable "registries" {
  description = "The location of each image repository by its id."
  type        = map(string)
  default     = {}
}

variable "site_buckets" {
  type    = map(string)
  default = {}
}
