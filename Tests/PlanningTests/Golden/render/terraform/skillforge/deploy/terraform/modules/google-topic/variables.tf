# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "project_number" {
  type = string
}

variable "name" {
  type = string
}

variable "regions" {
  description = "Where messages may lie."
  type        = list(string)
}

variable "retention" {
  description = "How long messages stay, in seconds; Pub/Sub's own time when null."
  type        = string
  default     = null
}

variable "dead_letter" {
  type    = bool
  default = true
}

variable "publishers" {
  description = "Accounts by name."
  type        = map(string)
  default     = {}
}

variable "subscribers" {
  description = "By name: the address that messages are pushed to, or none for who pulls them."
  type = map(object({
    member          = string
    endpoint        = optional(string)
    service         = optional(string)
    region          = optional(string)
    push_account_id = optional(string)
  }))
  default = {}
}

variable "labels" {
  type    = map(string)
  default = {}
}
