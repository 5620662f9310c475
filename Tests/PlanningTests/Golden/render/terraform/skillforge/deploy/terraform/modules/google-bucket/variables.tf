# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.

variable "project" {
  type = string
}

variable "name" {
  type = string
}

variable "location" {
  description = "A region, or a continent where `placement` names two of its regions."
  type        = string
}

variable "placement" {
  type    = list(string)
  default = []
}

variable "versioned" {
  type    = bool
  default = false
}

variable "keep_days" {
  description = "Objects are removed after so many days; never when null."
  type        = number
  default     = null
}

variable "readers" {
  description = "Accounts by name."
  type        = map(string)
  default     = {}
}

variable "writers" {
  description = "Accounts by name."
  type        = map(string)
  default     = {}
}

variable "labels" {
  type    = map(string)
  default = {}
}
